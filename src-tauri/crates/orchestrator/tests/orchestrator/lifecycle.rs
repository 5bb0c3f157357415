//! From being called to having ended: waiting, slots, retries, suspension, cancellation.

use crate::script::check;

#[test]
fn an_execution_that_waits_holds_no_slot() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1)
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call a(2)
         attempt R1:3:1 called
         call R1:1:1#1 a(2) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         > R1:1:1 call a(3)
         attempt R1:4:1 called
         call R1:1:1#2 a(3) runs R1:4:1 by freshrun
         reply R1:1:1#3 R1:4:1
         > R1:1:1 select R1:4:1
         body R1:3:1 freshrun
         start R1:3:1 a(2)
         > R1:2:1 returns 1
         ended R1:2:1 1
         body R1:4:1 freshrun
         start R1:4:1 a(3)
         > R1:3:1 select R1:4:1
         > R1:4:1 returns 3
         ended R1:4:1 3
         reply R1:1:1#4 0: 3
         reply R1:3:1#1 0: 3",
    );
}

#[test]
fn the_lowest_of_several_resolved_wins_and_the_rest_is_cancelled() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1)
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call a(2)
         attempt R1:3:1 called
         call R1:1:1#1 a(2) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         > R1:1:1 call a(3)
         attempt R1:4:1 called
         call R1:1:1#2 a(3) runs R1:4:1 by freshrun
         reply R1:1:1#3 R1:4:1
         > R1:2:1 returns 1
         ended R1:2:1 1
         body R1:3:1 freshrun
         start R1:3:1 a(2)
         > R1:1:1 select R1:4:1,R1:2:1,R1:3:1
         reply R1:1:1#4 1: 1
         > R1:1:1 select R1:3:1,R1:4:1 cancel_remaining
         body R1:4:1 freshrun
         start R1:4:1 a(3)
         > R1:4:1 returns 4
         ended R1:4:1 4
         ended R1:3:1 cancelled
         stop R1:3:1
         reply R1:1:1#5 1: 4
         > R1:3:1 exits",
    );
}

#[test]
fn a_poll_answers_at_once_and_a_wait_in_time() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1)
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 select R1:2:1 timeout=0
         reply R1:1:1#2 nothing yet
         > R1:1:1 select R1:2:1 timeout=50
         arm select R1:1:1 at 50
         > at 50
         reply R1:1:1#3 nothing yet
         > R1:1:1 select R1:2:1 timeout=50
         arm select R1:1:1 at 100
         > R1:2:1 returns 1
         ended R1:2:1 1
         reply R1:1:1#4 0: 1
         > at 200
         > R1:1:1 select R9:2:1
         reply R1:1:1#5 error select_error: execution R9:2:1 is not in the store: import its run",
    );
}

#[test]
fn failures_are_tried_again_with_growing_waits() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) retries=3:200:800
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 select R1:2:1
         > R1:2:1 raises one
         attempt R1:2:2 retry after 200
         arm due R1:2:2 at 200
         ended R1:2:1 raised one retry 2
         > R1:2:1 exits
         > at 200
         body R1:2:2 continued
         start R1:2:2 a(1)
         > R1:2:2 raises two
         attempt R1:2:3 retry after 700
         arm due R1:2:3 at 700
         ended R1:2:2 raised two retry 3
         > R1:2:2 exits
         > at 1000
         body R1:2:3 continued
         start R1:2:3 a(1)
         > R1:2:3 exits signal 9
         attempt R1:2:4 retry after 1800
         arm due R1:2:4 at 1800
         ended R1:2:3 raised EOF (signal 9) retry 4
         > at 3000
         body R1:2:4 continued
         start R1:2:4 a(1)
         > R1:2:4 raises four
         ended R1:2:4 raised four
         resolved R1:2:1 raised four
         resolved R1:2:2 raised four
         resolved R1:2:3 raised four
         reply R1:1:1#2 0: raised four
         > R1:1:1 call b(1) retries=2
         attempt R1:3:1 called
         call R1:1:1#1 b(1) runs R1:3:1 by freshrun
         reply R1:1:1#3 R1:3:1
         body R1:3:1 freshrun
         start R1:3:1 b(1)
         > R1:3:1 raises never retryable=false
         ended R1:3:1 raised never",
    );
}

#[test]
fn unlimited_retries_wait_somewhere_between() {
    check(
        "> submit R1 main() retries=-:100:200
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 raises one
         attempt R1:1:2 retry after 140
         arm due R1:1:2 at 140
         ended R1:1:1 raised one retry 2
         > at 300
         body R1:1:2 continued
         start R1:1:2 main()
         > R1:1:2 raises two
         attempt R1:1:3 retry after 489
         arm due R1:1:3 at 489
         ended R1:1:2 raised two retry 3",
    );
}

#[test]
fn a_timeout_stops_the_body_and_what_it_called() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) times_out=100 retries=1
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         arm timeout R1:2:1 at 100
         > R1:2:1 call b(1)
         attempt R1:3:1 called
         call R1:2:1#0 b(1) runs R1:3:1 by freshrun
         reply R1:2:1#1 R1:3:1
         > at 100
         attempt R1:2:2 retry after 100
         ended R1:2:1 timeout retry 2
         stop R1:2:1
         ended R1:3:1 cancelled
         body R1:2:2 continued
         start R1:2:2 a(1)
         arm timeout R1:2:2 at 200
         > R1:2:1 returns 1
         > R1:2:1 exits
         > R1:2:2 returns 2
         ended R1:2:2 2
         resolved R1:2:1 2
         > at 300",
    );
}

#[test]
fn a_recurrent_step_runs_until_it_returns_something() {
    check(
        "> submit R1 main() recurrent delay=10
         run R1
         attempt R1:1:1 called after 10
         arm due R1:1:1 at 10
         > at 10
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 returns null
         attempt R1:1:2 recurred after 20
         arm due R1:1:2 at 20
         ended R1:1:1 recurred next 2
         > R1:1:1 exits
         > at 20
         body R1:1:2 continued
         start R1:1:2 main()
         > R1:1:2 returns 7
         ended R1:1:2 7
         resolved R1:1:1 7",
    );
}

#[test]
fn a_suspended_execution_begins_anew() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) memo
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 select R1:2:1 suspend timeout=100
         arm select R1:1:1 at 100
         > at 100
         attempt R1:1:2 resumed
         ended R1:1:1 suspended next 2
         stop R1:1:1
         > R1:1:1 exits
         > R1:2:1 returns 1
         ended R1:2:1 1
         body R1:1:2 continued
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1
         > R1:1:2 suspends until=500
         reply R1:1:2#2 done
         attempt R1:1:3 resumed after 500
         arm due R1:1:3 at 500
         ended R1:1:2 suspended next 3
         stop R1:1:2
         > R1:1:2 exits
         > at 500
         body R1:1:3 continued
         start R1:1:3 main()
         > R1:1:3 returns 3
         ended R1:1:3 3
         resolved R1:1:1 3
         resolved R1:1:2 3",
    );
}

#[test]
fn cancelling_reaches_everything_below_but_no_reference() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1)
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call m(1) memo
         attempt R1:3:1 called
         call R1:1:1#1 m(1) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         > R1:2:1 call m(1) memo
         call R1:2:1#0 m(1) pinned R1:3:1 by key
         reply R1:2:1#1 R1:3:1
         > R1:2:1 call b(1)
         attempt R1:4:1 called
         call R1:2:1#1 b(1) runs R1:4:1 by freshrun
         reply R1:2:1#2 R1:4:1
         > R1:2:1 call w() workflow
         attempt R1:5:1 called
         call R1:2:1#2 w() runs R1:5:1 by freshrun
         reply R1:2:1#3 R1:5:1
         run R9tndZ6H
         attempt R9tndZ6H:1:1 called
         ended R1:5:1 spawned R9tndZ6H:1:1
         > R1:1:1 cancels R1:2:1
         ended R1:2:1 cancelled
         stop R1:2:1
         ended R1:4:1 cancelled
         ended R9tndZ6H:1:1 cancelled
         reply R1:1:1#3 done
         resolved R1:5:1 cancelled
         body R1:3:1 freshrun
         start R1:3:1 m(1)
         > R1:1:1 select R1:2:1
         reply R1:1:1#4 0: cancelled
         > cancel R1:1:1
         ended R1:1:1 cancelled
         stop R1:1:1
         ended R1:3:1 cancelled
         stop R1:3:1
         > cancel R7:1:1
         rejected: there is no execution R7:1:1",
    );
}

#[test]
fn a_retry_that_waits_is_cancelled_too() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) retries=1:500:500
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:2:1 raises no
         attempt R1:2:2 retry after 500
         arm due R1:2:2 at 500
         ended R1:2:1 raised no retry 2
         > R1:2:1 exits
         > R1:1:1 cancels R1:2:1
         ended R1:2:2 cancelled
         reply R1:1:1#2 done
         resolved R1:2:1 cancelled
         > R1:1:1 select R1:2:1
         reply R1:1:1#3 0: cancelled
         > at 900",
    );
}

#[test]
fn wait_for_holds_until_all_that_is_referred_to_is_resolved() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1)
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call b(2)
         attempt R1:3:1 called
         call R1:1:1#1 b(2) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         > R1:1:1 call c(@R1:2:1,@R1:3:1) wait_for=0
         attempt R1:4:1 called
         call R1:1:1#2 c(@R1:2:1,@R1:3:1) runs R1:4:1 by freshrun
         reply R1:1:1#3 R1:4:1
         > R1:2:1 returns @R1:3:1
         ended R1:2:1 @R1:3:1
         body R1:3:1 freshrun
         start R1:3:1 b(2)
         > R1:3:1 raises no
         ended R1:3:1 raised no
         body R1:4:1 freshrun
         start R1:4:1 c(@R1:2:1,@R1:3:1)",
    );
}

#[test]
fn a_called_workflow_becomes_a_run_of_its_own() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call w(3) workflow
         attempt R1:2:1 called
         call R1:1:1#0 w(3) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         run RDGkN6Dz
         attempt RDGkN6Dz:1:1 called
         ended R1:2:1 spawned RDGkN6Dz:1:1
         body RDGkN6Dz:1:1 freshrun
         start RDGkN6Dz:1:1 w(3)
         > R1:1:1 select R1:2:1",
    );
}

#[test]
fn a_process_that_just_goes_fails_its_execution() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 exits exit status 3
         ended R1:1:1 raised EOF (exit status 3)",
    );
}

#[test]
fn an_unknown_request_is_answered_by_name() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 levitate
         reply R1:1:1#1 error unknown_request: Hindcast does not know the request levitate
         > R1:1:1 flush
         reply R1:1:1#2 done",
    );
}

#[test]
fn an_answered_input_is_shared_and_a_waiting_one_too() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 asks approve? key=k
         input R1/i1 of R1:1:1
         ask R1/i1 approve?
         reply R1:1:1#1 R1/i1
         > R1:1:1 asks approve? key=k
         input R1/i1 of R1:1:1
         reply R1:1:1#2 R1/i1
         > R1:1:1 asks another? key=k
         reply R1:1:1#3 error input_error: input_mismatch: R1/i1 was asked with the same key, but another prompt, schema or requirement
         > R1:1:1 select R1/i1
         > respond R1/i1 true
         answered R1/i1 true
         reply R1:1:1#4 0: true
         > respond R1/i1 false
         rejected: R1/i1 is answered already
         > R1:1:1 asks approve? key=k
         input R1/i1 of R1:1:1
         reply R1:1:1#5 R1/i1
         > R1:1:1 asks approve? key=l
         input R1/i2 of R1:1:1
         ask R1/i2 approve?
         reply R1:1:1#6 R1/i2
         > R1:1:1 cancels R1/i2
         answered R1/i2 cancelled
         reply R1:1:1#7 done
         > R1:1:1 select R1/i2
         reply R1:1:1#8 0: cancelled",
    );
}

#[test]
fn checkpoints_of_an_attempt_reach_the_next() {
    check(
        "> submit R1 main() retries=2
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 checkpoint at=5
         checkpoints R1:1:1 at
         > R1:1:1 checkpoint of=9
         checkpoints R1:1:1 of
         > R1:1:1 raises one
         attempt R1:1:2 retry after 0
         ended R1:1:1 raised one retry 2
         body R1:1:2 continued
         start R1:1:2 main() at=5 of=9
         > R1:1:2 checkpoint at=reset
         checkpoints R1:1:2 at,of
         > R1:1:2 raises two
         attempt R1:1:3 retry after 0
         ended R1:1:2 raised two retry 3
         body R1:1:3 continued
         start R1:1:3 main() of=9",
    );
}

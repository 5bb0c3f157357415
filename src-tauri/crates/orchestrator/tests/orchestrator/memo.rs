//! Memo, cache and defer: which execution answers.

use crate::script::check;

#[test]
fn a_memoised_call_refers_to_what_the_ancestor_recorded() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         = R1:3 b(1) by R1:1:1 -> 20
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1
         > R1:1:2 select R1:2:1 suspend
         reply R1:1:2#2 0: 10
         > R1:1:2 call b(1)
         attempt R1:4:1 called
         call R1:1:2#1 b(1) runs R1:4:1 by plan
         reply R1:1:2#3 R1:4:1
         body R1:4:1 plan
         start R1:4:1 b(1)
         > R1:4:1 returns 21
         ended R1:4:1 21
         > R1:1:2 call b(1)
         attempt R1:5:1 called
         call R1:1:2#2 b(1) runs R1:5:1 by plan
         reply R1:1:2#4 R1:5:1
         body R1:5:1 plan
         start R1:5:1 b(1)
         > R1:1:2 returns null
         ended R1:1:2 null
         > R1:1:2 exits",
    );
}

#[test]
fn the_newest_execution_wins_and_a_rerun_always_runs() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:2,R1:1
         attempt R1:2:2 rerun
         attempt R1:1:2 rerun
         body R1:2:2 chosen
         start R1:2:2 a(1)
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:2:2 by key
         reply R1:1:2#1 R1:2:2
         > R1:2:2 returns 11
         ended R1:2:2 11
         > R1:1:2 select R1:2:2
         reply R1:1:2#2 0: 11
         > R1:2:2 exits
         > at 5
         > rerun R1:2
         attempt R1:2:3 rerun
         body R1:2:3 chosen
         start R1:2:3 a(1)
         > R1:2:3 raises no
         ended R1:2:3 raised no
         > R1:1:2 call a(1) memo
         call R1:1:2#1 a(1) pinned R1:2:2 by key
         reply R1:1:2#3 R1:2:2",
    );
}

#[test]
fn what_did_not_end_with_a_value_is_no_hit() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> raised no
         = R1:3 a(2) memo by R1:1:1 -> pending
         = R1:4 a(3) memo=0 by R1:1:1 -> 3
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) refused NotAValue
         reply R1:1:2#1 error guard: m:a was not run: the ancestor's same call gave no value; nearest call: R1:2:1
         > R1:1:2 call a(2) memo
         call R1:1:2#1 a(2) refused NeverFinished
         reply R1:1:2#2 error guard: m:a was not run: the ancestor's same call had no result when it was exported; nearest call: R1:3:1
         > R1:1:2 call a(3) memo=0
         call R1:1:2#2 a(3) pinned R1:4:1 by key
         reply R1:1:2#3 R1:4:1
         > R1:1:2 select R1:3:1
         reply R1:1:2#4 error select_error: R1:3:1 had no result when it was exported, and can never have one here",
    );
}

#[test]
fn only_the_parameters_of_the_key_count() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1,2,3) memo=2,0 by R1:1:1 -> 10
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1,20,3) memo=2,0
         call R1:1:2#0 a(1,20,3) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call a(1,20,3) memo=0,2
         call R1:1:2#1 a(1,20,3) pinned R1:2:1 by values unknown
         reply R1:1:2#2 R1:2:1
         > R1:1:2 call a(9,2,3) memo=2,0
         call R1:1:2#2 a(9,2,3) refused ArgumentsDiffer
         reply R1:1:2#3 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 0 was 1 and is 9 here",
    );
}

#[test]
fn concurrent_equal_calls_coalesce() {
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
         > R1:1:1 call a(1) memo
         call R1:1:1#1 a(1) pinned R1:2:1 by key
         reply R1:1:1#2 R1:2:1
         > R1:1:1 call b(1)
         attempt R1:3:1 called
         call R1:1:1#2 b(1) runs R1:3:1 by freshrun
         reply R1:1:1#3 R1:3:1
         > R1:1:1 call b(1)
         attempt R1:4:1 called
         call R1:1:1#3 b(1) runs R1:4:1 by freshrun
         reply R1:1:1#4 R1:4:1",
    );
}

#[test]
fn a_memoised_run_memoises_every_task_and_its_root() {
    check(
        "> submit R1 main() memo
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
         > R1:1:1 call a(1)
         call R1:1:1#1 a(1) pinned R1:2:1 by key
         reply R1:1:1#2 R1:2:1",
    );
    // Where the export does not tell, the root's key does.
    check(
        "= R1:1 main() memo -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1)
         call R1:1:2#0 a(1) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1",
    );
}

#[test]
fn the_same_values_under_another_key_are_pinned_and_say_why() {
    check(
        "= R1:1 main() -> null
         = R1:2 a() by R1:1:1 -> [1]
         = R1:3 b(@R1:2:1) memo by R1:1:1 -> 30
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a()
         attempt R1:4:1 called
         call R1:1:2#0 a() runs R1:4:1 by plan
         reply R1:1:2#1 R1:4:1
         body R1:4:1 plan
         start R1:4:1 a()
         > R1:1:2 call b(@R1:4:1) memo
         > R1:4:1 returns [1]
         ended R1:4:1 [1]
         call R1:1:2#1 b(@R1:4:1) pinned R1:3:1 by values handle
         reply R1:1:2#2 R1:3:1
         > R1:1:2 call b([1]) memo
         call R1:1:2#2 b([1]) refused ArgumentsDiffer
         reply R1:1:2#3 error guard: m:b was not run: the ancestor never called it with these arguments; nearest call: R1:3:1, where argument 0 was <execution R1:2:1> and is [1] here
         > R1:1:2 call a()
         attempt R1:5:1 called
         call R1:1:2#3 a() runs R1:5:1 by plan
         reply R1:1:2#4 R1:5:1
         body R1:5:1 plan
         start R1:5:1 a()
         > R1:5:1 returns [2]
         ended R1:5:1 [2]
         > R1:1:2 call b(@R1:5:1) memo
         call R1:1:2#4 b(@R1:5:1) refused ArgumentsDiffer
         reply R1:1:2#5 error guard: m:b was not run: the ancestor never called it with these arguments; nearest call: R1:3:1, where argument 0.result()[0] was 1 and is 2 here",
    );
}

#[test]
fn a_cached_step_shares_the_result_of_another_run() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) cache by R1:1:1 -> 10
         = R1:3 a(2) cache by R1:1:1 -> raised no
         > submit R2 main()
         run R2
         attempt R2:1:1 called
         body R2:1:1 freshrun
         start R2:1:1 main()
         > R2:1:1 call a(1) cache
         attempt R2:2:1 called
         call R2:1:1#0 a(1) runs R2:2:1 by freshrun
         reply R2:1:1#1 R2:2:1
         ended R2:2:1 cached as R1:2:1: 10
         > R2:1:1 select R2:2:1
         reply R2:1:1#2 0: 10
         > R2:1:1 call a(1) cache max_age=10
         attempt R2:3:1 called
         call R2:1:1#1 a(1) runs R2:3:1 by freshrun
         reply R2:1:1#3 R2:3:1
         body R2:3:1 freshrun
         start R2:3:1 a(1)
         > R2:1:1 call a(1) cache version=2
         attempt R2:4:1 called
         call R2:1:1#2 a(1) runs R2:4:1 by freshrun
         reply R2:1:1#4 R2:4:1
         > R2:1:1 call a(2) cache
         attempt R2:5:1 called
         call R2:1:1#3 a(2) runs R2:5:1 by freshrun
         reply R2:1:1#5 R2:5:1
         > rerun R1:2
         attempt R1:2:2 rerun",
    );
}

#[test]
fn cached_calls_under_way_are_shared_and_resolved_with_them() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) cache
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call a(1) cache
         attempt R1:3:1 called
         call R1:1:1#1 a(1) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         ended R1:3:1 cached as R1:2:1
         > R1:1:1 select R1:3:1
         > R1:2:1 raises no
         ended R1:2:1 raised no
         resolved R1:3:1 raised no
         reply R1:1:1#3 0: raised no",
    );
}

#[test]
fn of_deferred_calls_only_the_last_starts() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) defer=0 delay=100
         attempt R1:2:1 called after 100
         arm due R1:2:1 at 100
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         > R1:1:1 call a(2) defer=0 delay=100
         attempt R1:3:1 called after 100
         arm due R1:3:1 at 100
         call R1:1:1#1 a(2) runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         > R1:1:1 call a(1) defer=0 delay=100
         attempt R1:4:1 called after 100
         arm due R1:4:1 at 100
         ended R1:2:1 deferred to R1:4:1
         call R1:1:1#2 a(1) runs R1:4:1 by freshrun
         reply R1:1:1#3 R1:4:1
         > R1:1:1 select R1:2:1
         > at 100
         body R1:3:1 freshrun
         start R1:3:1 a(2)
         body R1:4:1 freshrun
         start R1:4:1 a(1)
         > R1:4:1 returns 1
         ended R1:4:1 1
         resolved R1:2:1 1
         reply R1:1:1#4 0: 1",
    );
}

#[test]
fn a_default_left_out_is_the_same_as_the_default_sent() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1,7) memo by R1:1:1 -> 10
         = R1:3 b(1,7) memo by R1:1:1 -> 20
         > default a 7
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         inquire m
         call R1:1:2#0 a(1) pinned R1:2:1 by values default
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call b(1) memo
         call R1:1:2#1 b(1) refused ArgumentsDiffer
         reply R1:1:2#2 error guard: m:b was not run: the ancestor never called it with these arguments; nearest call: R1:3:1, where argument 1 was 7 and is nothing here",
    );
}

#[test]
fn a_default_that_is_part_of_the_key_makes_no_trouble() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(1) memo=1
         attempt R1:2:1 called
         call R1:1:1#0 a(1) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(1)
         > R1:1:1 call a(2) memo=1
         call R1:1:1#1 a(2) pinned R1:2:1 by key
         reply R1:1:1#2 R1:2:1
         > R1:1:1 call a(2,3) memo=1
         attempt R1:3:1 called
         call R1:1:1#2 a(2,3) runs R1:3:1 by freshrun
         reply R1:1:1#3 R1:3:1",
    );
}

//! Runs spawned below a re-run: what they memoise is pinned to what the ancestor's child run did.

use crate::script::check;

#[test]
fn a_child_run_pins_to_the_run_that_the_same_call_became() {
    check(
        "
        = R1:1 main() -> 1
        = R1:2 child(1) workflow by R1:1:1 -> spawned R2:1:1
        = R1:3 child(2) workflow by R1:1:1 -> spawned R3:1:1
        = R2:1 child(1) -> 10
        = R2:2 mail(\"a\") memo by R2:1:1 -> 11
        = R3:1 child(2) -> 20
        = R3:2 mail(\"a\") memo by R3:1:1 -> 21
        > rerun R1:1
        attempt R1:1:2 rerun
        body R1:1:2 chosen
        start R1:1:2 main()
        > R1:1:2 call child(2) workflow
        attempt R1:4:1 called
        call R1:1:2#0 child(2) runs R1:4:1 by plan
        reply R1:1:2#1 R1:4:1
        run R65S8s6D
        attempt R65S8s6D:1:1 called
        ended R1:4:1 spawned R65S8s6D:1:1
        body R65S8s6D:1:1 plan
        start R65S8s6D:1:1 child(2)
        > R65S8s6D:1:1 call mail(\"a\") memo
        attempt R65S8s6D:2:1 called
        ended R65S8s6D:2:1 cached as R3:2:1: 21
        call R65S8s6D:1:1#0 mail(\"a\") pinned R65S8s6D:2:1 by childrun
        reply R65S8s6D:1:1#1 R65S8s6D:2:1
        > R65S8s6D:1:1 select R65S8s6D:2:1
        reply R65S8s6D:1:1#2 0: 21
        > R65S8s6D:1:1 call mail(\"a\") memo
        call R65S8s6D:1:1#1 mail(\"a\") pinned R65S8s6D:2:1 by childrun
        reply R65S8s6D:1:1#3 R65S8s6D:2:1
        > R65S8s6D:1:1 call mail(\"b\") memo
        call R65S8s6D:1:1#2 mail(\"b\") refused ArgumentsDiffer
        reply R65S8s6D:1:1#4 error guard: m:mail was not run: the ancestor never called it with these arguments; nearest call: R3:2:1, where argument 0 was 'a' and is 'b' here
        ",
    );
}

#[test]
fn a_step_that_is_rerun_and_becomes_a_run_has_its_own_to_pin_to() {
    check(
        "= R1:1 main() -> 1
         = R1:2 child(1) workflow by R1:1:1 -> spawned R2:1:1
         = R1:3 child(1) workflow by R1:1:1 -> spawned R3:1:1
         = R2:1 child(1) -> 10
         = R2:2 mail(1) memo by R2:1:1 -> 11
         = R3:1 child(1) -> 20
         = R3:2 mail(1) memo by R3:1:1 -> 21
         > rerun R1:3
         attempt R1:3:2 rerun
         run RFcYJ83h
         attempt RFcYJ83h:1:1 called
         ended R1:3:2 spawned RFcYJ83h:1:1
         body RFcYJ83h:1:1 chosen
         start RFcYJ83h:1:1 child(1)
         > RFcYJ83h:1:1 call mail(1) memo
         attempt RFcYJ83h:2:1 called
         ended RFcYJ83h:2:1 cached as R3:2:1: 21
         call RFcYJ83h:1:1#0 mail(1) pinned RFcYJ83h:2:1 by childrun
         reply RFcYJ83h:1:1#1 RFcYJ83h:2:1",
    );
}

#[test]
fn of_equal_calls_each_stands_for_the_ancestors_in_order_and_a_handle_for_its_value() {
    check(
        "= R1:1 main() -> 1
         = R1:2 child(1) workflow by R1:1:1 -> spawned R2:1:1
         = R1:3 child(1) workflow by R1:1:1 -> spawned R3:1:1
         = R2:1 child(1) -> 10
         = R2:2 fetch() by R2:1:1 -> 5
         = R2:3 mail(@R2:2:1) memo by R2:1:1 -> 11
         = R3:1 child(1) -> 20
         = R3:2 fetch() by R3:1:1 -> 5
         = R3:3 mail(@R3:2:1) memo by R3:1:1 -> 21
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call child(1) workflow
         attempt R1:4:1 called
         call R1:1:2#0 child(1) runs R1:4:1 by plan
         reply R1:1:2#1 R1:4:1
         run R65S8s6D
         attempt R65S8s6D:1:1 called
         ended R1:4:1 spawned R65S8s6D:1:1
         body R65S8s6D:1:1 plan
         start R65S8s6D:1:1 child(1)
         > R1:1:2 call child(1) workflow
         attempt R1:5:1 called
         call R1:1:2#1 child(1) runs R1:5:1 by plan
         reply R1:1:2#2 R1:5:1
         run R9tndZ6H
         attempt R9tndZ6H:1:1 called
         ended R1:5:1 spawned R9tndZ6H:1:1
         > R1:1:2 select R1:5:1
         body R9tndZ6H:1:1 plan
         start R9tndZ6H:1:1 child(1)
         > R9tndZ6H:1:1 call fetch()
         attempt R9tndZ6H:2:1 called
         call R9tndZ6H:1:1#0 fetch() runs R9tndZ6H:2:1 by plan
         reply R9tndZ6H:1:1#1 R9tndZ6H:2:1
         > R9tndZ6H:1:1 call mail(@R9tndZ6H:2:1) memo
         body R9tndZ6H:2:1 plan
         start R9tndZ6H:2:1 fetch()
         > R9tndZ6H:2:1 returns 5
         ended R9tndZ6H:2:1 5
         attempt R9tndZ6H:3:1 called
         ended R9tndZ6H:3:1 cached as R3:3:1: 21
         call R9tndZ6H:1:1#1 mail(@R9tndZ6H:2:1) pinned R9tndZ6H:3:1 by childrun
         reply R9tndZ6H:1:1#2 R9tndZ6H:3:1
         > R9tndZ6H:1:1 select R9tndZ6H:3:1
         reply R9tndZ6H:1:1#3 0: 21
         > R9tndZ6H:1:1 returns 1
         ended R9tndZ6H:1:1 1
         resolved R1:5:1 1
         reply R1:1:2#3 0: 1",
    );
}

#[test]
fn isolated_a_child_runs_calls_are_the_ancestors() {
    check(
        "= R1:1 main() -> 1
         = R1:2 child(1) workflow by R1:1:1 -> spawned R2:1:1
         = R2:1 child(1) -> 10
         = R2:2 fetch() by R2:1:1 -> 11
         = R2:3 fetch() by R2:1:1 -> 12
         > rerun R1:2 policy=isolate
         attempt R1:2:2 rerun
         run RfRp6F4X
         attempt RfRp6F4X:1:1 called
         ended R1:2:2 spawned RfRp6F4X:1:1
         body RfRp6F4X:1:1 chosen
         start RfRp6F4X:1:1 child(1)
         > RfRp6F4X:1:1 call fetch()
         attempt RfRp6F4X:2:1 called
         ended RfRp6F4X:2:1 cached as R2:2:1: 11
         call RfRp6F4X:1:1#0 fetch() pinned RfRp6F4X:2:1 by isolate
         reply RfRp6F4X:1:1#1 RfRp6F4X:2:1
         > RfRp6F4X:1:1 call fetch()
         attempt RfRp6F4X:3:1 called
         ended RfRp6F4X:3:1 cached as R2:3:1: 12
         call RfRp6F4X:1:1#1 fetch() pinned RfRp6F4X:3:1 by isolate
         reply RfRp6F4X:1:1#2 RfRp6F4X:3:1
         > RfRp6F4X:1:1 call fetch()
         call RfRp6F4X:1:1#2 fetch() pinned RfRp6F4X:2:1 by isolate
         reply RfRp6F4X:1:1#3 RfRp6F4X:2:1
         > RfRp6F4X:1:1 call fetch(1)
         inquire m
         call RfRp6F4X:1:1#3 fetch(1) refused ArgumentsDiffer
         reply RfRp6F4X:1:1#4 error guard: m:fetch was not run: the ancestor never called it with these arguments; nearest call: R2:3:1, where argument 0 was nothing and is 1 here",
    );
}

#[test]
fn where_anything_may_run_a_child_run_does_as_on_the_real_server() {
    check(
        "= R1:1 main() -> 1
         = R1:2 child(1) workflow by R1:1:1 -> spawned R2:1:1
         = R2:1 child(1) -> 10
         = R2:2 mail(1) memo by R2:1:1 -> 11
         > rerun R1:2 policy=open
         attempt R1:2:2 rerun
         run RfRp6F4X
         attempt RfRp6F4X:1:1 called
         ended R1:2:2 spawned RfRp6F4X:1:1
         body RfRp6F4X:1:1 chosen
         start RfRp6F4X:1:1 child(1)
         > RfRp6F4X:1:1 call mail(1) memo
         attempt RfRp6F4X:2:1 called
         call RfRp6F4X:1:1#0 mail(1) runs RfRp6F4X:2:1 by flag
         reply RfRp6F4X:1:1#1 RfRp6F4X:2:1
         body RfRp6F4X:2:1 flag
         start RfRp6F4X:2:1 mail(1)",
    );
}

#[test]
fn a_memoised_call_that_became_a_run_answers_no_other_and_says_so() {
    check(
        "= R1:1 main() -> 1
         = R1:2 child(1) workflow memo by R1:1:1 -> spawned R2:1:1
         = R2:1 child(1) -> 10
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call child(1) workflow memo
         call R1:1:2#0 child(1) refused BecameRun
         reply R1:1:2#1 error guard: m:child was not run: the ancestor's same call became a run of its own, which answers no other call; nearest call: R1:2:1",
    );
}

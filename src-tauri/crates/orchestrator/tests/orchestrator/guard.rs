//! What the guard lets through, stops and asks.

use crate::script::check;

#[test]
fn a_miss_fails_by_default() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         = R1:3 b(1) by R1:1:1 -> 20
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(2) memo
         call R1:1:2#0 a(2) refused ArgumentsDiffer
         reply R1:1:2#1 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 0 was 1 and is 2 here
         > R1:1:2 call a(1)
         call R1:1:2#1 a(1) refused MemoDiffers
         reply R1:1:2#2 error guard: m:a was not run: of it and the ancestor's same call, only one is memoised; nearest call: R1:2:1
         > R1:1:2 call b(1) memo
         call R1:1:2#2 b(1) refused MemoDiffers
         reply R1:1:2#3 error guard: m:b was not run: of it and the ancestor's same call, only one is memoised; nearest call: R1:3:1
         > R1:1:2 call c(1)
         call R1:1:2#3 c(1) refused NeverCalled
         reply R1:1:2#4 error guard: m:c was not run: the ancestor never called it in this run
         > R1:1:2 call b(2)
         attempt R1:4:1 called
         call R1:1:2#4 b(2) runs R1:4:1 by plan
         reply R1:1:2#5 R1:4:1
         body R1:4:1 plan
         start R1:4:1 b(2)",
    );
}

#[test]
fn a_miss_runs_or_is_pinned_if_told_so() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         = R1:3 a(90) memo by R1:1:1 -> 90
         > rerun R1:1 on-miss=run
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(2) memo
         attempt R1:4:1 called
         call R1:1:2#0 a(2) runs R1:4:1 by flag
         reply R1:1:2#1 R1:4:1
         body R1:4:1 flag
         start R1:4:1 a(2)
         > R1:1:2 call c(2)
         attempt R1:5:1 called
         call R1:1:2#1 c(2) runs R1:5:1 by flag
         reply R1:1:2#2 R1:5:1",
    );
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         = R1:3 a(90) memo by R1:1:1 -> 90
         > rerun R1:1 on-miss=pin
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(91) memo
         call R1:1:2#0 a(91) pinned R1:3:1 by nearest
         reply R1:1:2#1 R1:3:1
         > R1:1:2 call c(2)
         call R1:1:2#1 c(2) refused NeverCalled
         reply R1:1:2#2 error guard: m:c was not run: the ancestor never called it in this run",
    );
}

#[test]
fn a_person_decides() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1 on-miss=ask
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(2) memo
         call R1:1:2#0 a(2) blocked ArgumentsDiffer
         ask R1:1:2#0
         > decide R1:1:2 0 once
         attempt R1:3:1 called
         call R1:1:2#0 a(2) runs R1:3:1 by guard
         reply R1:1:2#1 R1:3:1
         body R1:3:1 guard
         start R1:3:1 a(2)
         > R1:1:2 call a(3) memo
         call R1:1:2#1 a(3) blocked ArgumentsDiffer
         ask R1:1:2#1
         > decide R1:1:2 1 pin R1:2:1
         call R1:1:2#1 a(3) pinned R1:2:1 by nearest
         reply R1:1:2#2 R1:2:1
         > R1:1:2 call a(4) memo
         call R1:1:2#2 a(4) blocked ArgumentsDiffer
         ask R1:1:2#2
         > decide R1:1:2 2 give 40
         attempt R1:4:1 called
         ended R1:4:1 40
         call R1:1:2#2 a(4) mocked R1:4:1
         reply R1:1:2#3 R1:4:1
         > R1:1:2 select R1:4:1
         reply R1:1:2#4 0: 40
         > R1:1:2 call a(5) memo
         call R1:1:2#3 a(5) blocked ArgumentsDiffer
         ask R1:1:2#3
         > decide R1:1:2 3 fail
         call R1:1:2#3 a(5) refused ArgumentsDiffer
         reply R1:1:2#5 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 0 was 1 and is 5 here
         > R1:1:2 call a(6) memo
         call R1:1:2#4 a(6) blocked ArgumentsDiffer
         ask R1:1:2#4
         > decide R1:1:2 4 pin R1:1:1
         rejected: R1:1:1 is no call of m:a
         > decide R1:1:2 4 pin R1:9:1
         rejected: there is no execution R1:9:1
         > decide R1:1:2 5 once
         rejected: no call 5 of R1:1:2 waits for a decision here
         > decide R1:1:2 4 always
         attempt R1:5:1 called
         call R1:1:2#4 a(6) runs R1:5:1 by guard
         reply R1:1:2#6 R1:5:1
         > R1:1:2 call a(7) memo
         attempt R1:6:1 called
         call R1:1:2#5 a(7) runs R1:6:1 by guard
         reply R1:1:2#7 R1:6:1
         > R1:1:2 returns null
         ended R1:1:2 null
         body R1:5:1 guard
         start R1:5:1 a(6)
         > R1:1:2 exits",
    );
}

#[test]
fn a_caller_at_the_guard_holds_no_slot() {
    check(
        "= R1:1 main() -> null
         = R1:2 b() by R1:1:1 -> 0
         > rerun R1:1 on-miss=ask
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b()
         attempt R1:3:1 called
         call R1:1:2#0 b() runs R1:3:1 by plan
         reply R1:1:2#1 R1:3:1
         body R1:3:1 plan
         start R1:3:1 b()
         > R1:1:2 call b()
         attempt R1:4:1 called
         call R1:1:2#1 b() runs R1:4:1 by plan
         reply R1:1:2#2 R1:4:1
         > R1:1:2 call c()
         call R1:1:2#2 c() blocked NeverCalled
         ask R1:1:2#2
         body R1:4:1 plan
         start R1:4:1 b()
         > decide R1:1:2 2 once
         attempt R1:5:1 called
         call R1:1:2#2 c() runs R1:5:1 by guard
         > R1:3:1 returns 0
         ended R1:3:1 0
         reply R1:1:2#3 R1:5:1",
    );
}

#[test]
fn policies_and_the_allow_list() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) by R1:1:1 -> 10
         = R1:3 a(1) by R1:1:1 -> 11
         = R1:4 b(1) by R1:1:1 -> raised no
         > rerun R1:1 policy=isolate
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1)
         call R1:1:2#0 a(1) pinned R1:2:1 by isolate
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call a(1)
         call R1:1:2#1 a(1) pinned R1:3:1 by isolate
         reply R1:1:2#2 R1:3:1
         > R1:1:2 call a(1)
         call R1:1:2#2 a(1) pinned R1:2:1 by isolate
         reply R1:1:2#3 R1:2:1
         > R1:1:2 call b(1)
         call R1:1:2#3 b(1) pinned R1:4:1 by isolate
         reply R1:1:2#4 R1:4:1
         > R1:1:2 call a(2)
         call R1:1:2#4 a(2) refused ArgumentsDiffer
         reply R1:1:2#5 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:3:1, where argument 0 was 1 and is 2 here",
    );
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1 policy=open
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call a(2) memo
         attempt R1:3:1 called
         call R1:1:2#1 a(2) runs R1:3:1 by flag
         reply R1:1:2#2 R1:3:1
         body R1:3:1 flag
         start R1:3:1 a(2)
         > R1:1:2 call c(2)
         attempt R1:4:1 called
         call R1:1:2#2 c(2) runs R1:4:1 by flag
         reply R1:1:2#3 R1:4:1",
    );
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1 allow=a
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(2) memo
         attempt R1:3:1 called
         call R1:1:2#0 a(2) runs R1:3:1 by flag
         reply R1:1:2#1 R1:3:1
         body R1:3:1 flag
         start R1:3:1 a(2)
         > R1:1:2 call c(2)
         call R1:1:2#1 c(2) refused NeverCalled
         reply R1:1:2#2 error guard: m:c was not run: the ancestor never called it in this run",
    );
}

#[test]
fn a_run_that_began_here_is_free_but_one_spawned_below_a_guarded_run_is_not() {
    check(
        "> submit R1 main()
         run R1
         attempt R1:1:1 called
         body R1:1:1 freshrun
         start R1:1:1 main()
         > R1:1:1 call a(2) memo
         attempt R1:2:1 called
         call R1:1:1#0 a(2) runs R1:2:1 by freshrun
         reply R1:1:1#1 R1:2:1
         body R1:2:1 freshrun
         start R1:2:1 a(2)
         > R1:1:1 call w() workflow
         attempt R1:3:1 called
         call R1:1:1#1 w() runs R1:3:1 by freshrun
         reply R1:1:1#2 R1:3:1
         run Rc3s6wv8
         attempt Rc3s6wv8:1:1 called
         ended R1:3:1 spawned Rc3s6wv8:1:1",
    );
    check(
        "= R1:1 main() -> null
         = R1:2 w() workflow by R1:1:1 -> 10
         = R1:3 b() by R1:1:1 -> 10
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call w() workflow
         attempt R1:4:1 called
         call R1:1:2#0 w() runs R1:4:1 by plan
         reply R1:1:2#1 R1:4:1
         run R65S8s6D
         attempt R65S8s6D:1:1 called
         ended R1:4:1 spawned R65S8s6D:1:1
         body R65S8s6D:1:1 plan
         start R65S8s6D:1:1 w()
         > R65S8s6D:1:1 call charge() memo
         call R65S8s6D:1:1#0 charge() refused NeverCalled
         reply R65S8s6D:1:1#1 error guard: m:charge was not run: the ancestor never called it in this run
         > R65S8s6D:1:1 call b()
         attempt R65S8s6D:2:1 called
         call R65S8s6D:1:1#1 b() runs R65S8s6D:2:1 by plan
         reply R65S8s6D:1:1#2 R65S8s6D:2:1",
    );
}

#[test]
fn arguments_edited_for_a_rerun_answer_no_other_call() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:2 with=5
         attempt R1:2:2 rerun
         body R1:2:2 chosen
         start R1:2:2 a(5)
         > R1:2:2 returns 50
         ended R1:2:2 50
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:2:1 by key
         reply R1:1:2#1 R1:2:1
         > rerun R1:1,R1:2 with=5
         rejected: arguments can be edited for one step at a time",
    );
}

#[test]
fn where_steps_may_be_rerun() {
    check(
        "= R1:1 main() -> null
         = R1:2 b() by R1:1:1 -> 1
         > rerun R1:1 in=production
         rejected: production is imported: nothing runs there; choose an environment based on it
         > rerun R1:7
         rejected: there is no step R1:7
         > rerun R2:1
         rejected: there is no step R2:1
         > rerun R1:1,R1:7
         rejected: there is no step R1:7
         > rerun R1:1,R1:1
         rejected: R1:1 is chosen twice
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b()
         attempt R1:3:1 called
         call R1:1:2#0 b() runs R1:3:1 by plan
         reply R1:1:2#1 R1:3:1
         body R1:3:1 plan
         start R1:3:1 b()
         > rerun R1:1
         ended R1:1:2 cancelled
         stop R1:1:2
         ended R1:3:1 cancelled
         stop R1:3:1
         attempt R1:1:3 rerun
         body R1:1:3 chosen
         start R1:1:3 main()
         > R1:1:2 exits killed",
    );
}

#[test]
fn what_the_cache_answers_passes_the_guard_and_can_not_run_after_all() {
    check(
        "= R1:1 main() -> null
         = R2:1 main() -> null
         = R2:2 c(1) cache memo by R2:1:1 -> 5
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call c(1) cache
         attempt R1:2:1 called
         ended R1:2:1 cached as R2:2:1: 5
         call R1:1:2#0 c(1) runs R1:2:1 by plan
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call c(1) cache delay=10
         call R1:1:2#1 c(1) refused NeverCalled
         reply R1:1:2#2 error guard: m:c was not run: the ancestor never called it in this run
         > R1:1:2 call c(2) cache
         call R1:1:2#2 c(2) refused NeverCalled
         reply R1:1:2#3 error guard: m:c was not run: the ancestor never called it in this run",
    );
}

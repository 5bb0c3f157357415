//! What a person sets by hand goes before the rules.

use crate::script::check;

#[test]
fn an_unmemoised_call_is_pinned_or_mocked_and_its_body_never_starts() {
    check(
        "= R1:1 main() -> null
         = R1:2 b(1) by R1:1:1 -> 10
         = R1:3 b(2) by R1:1:1 -> 20
         = R1:4 b(3) by R1:1:1 -> 30
         > rerun R1:1 pin=R1:2/R1:2:1 pin=R1:4/R1:3:1 mock=R1:3/7
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b(3)
         call R1:1:2#0 b(3) pinned R1:3:1 by hand
         reply R1:1:2#1 R1:3:1
         > R1:1:2 call b(1)
         call R1:1:2#1 b(1) pinned R1:2:1 by hand
         reply R1:1:2#2 R1:2:1
         > R1:1:2 call b(2)
         attempt R1:5:1 called
         ended R1:5:1 7
         call R1:1:2#2 b(2) mocked R1:5:1
         reply R1:1:2#3 R1:5:1
         > R1:1:2 call b(4)
         attempt R1:6:1 called
         call R1:1:2#3 b(4) runs R1:6:1 by plan
         reply R1:1:2#4 R1:6:1
         body R1:6:1 plan
         start R1:6:1 b(4)",
    );
}

#[test]
fn pins_hold_in_every_policy() {
    for policy in ["memo", "isolate", "open"] {
        check(&format!(
            "= R1:1 main() -> null
             = R1:2 b(1) by R1:1:1 -> 10
             = R1:3 a(1) memo by R1:1:1 -> 20
             > rerun R1:1 policy={policy} mock=R1:2/7 pin=R1:3/R1:3:1
             attempt R1:1:2 rerun
             body R1:1:2 chosen
             start R1:1:2 main()
             > R1:1:2 call b(1)
             attempt R1:4:1 called
             ended R1:4:1 7
             call R1:1:2#0 b(1) mocked R1:4:1
             reply R1:1:2#1 R1:4:1
             > R1:1:2 call a(1) memo
             call R1:1:2#1 a(1) pinned R1:3:1 by hand
             reply R1:1:2#2 R1:3:1"
        ));
    }
}

#[test]
fn a_pin_follows_its_call_into_steps_made_anew() {
    // Step 4 stands for step 2, and its call for step 3; the other b(1) is another caller's.
    check(
        "= R1:1 main() -> null
         = R1:2 f(1) by R1:1:1 -> 10
         = R1:3 b(1) by R1:2:1 -> 20
         = R1:4 f(2) by R1:1:1 -> 10
         = R1:5 b(1) by R1:4:1 -> 21
         > rerun R1:1 mock=R1:3/7
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call f(1)
         attempt R1:6:1 called
         call R1:1:2#0 f(1) runs R1:6:1 by plan
         reply R1:1:2#1 R1:6:1
         body R1:6:1 plan
         start R1:6:1 f(1)
         > R1:6:1 call b(1)
         attempt R1:7:1 called
         ended R1:7:1 7
         call R1:6:1#0 b(1) mocked R1:7:1
         reply R1:6:1#1 R1:7:1
         > R1:6:1 returns 1
         ended R1:6:1 1
         > R1:6:1 exits
         > R1:1:2 call f(2)
         attempt R1:8:1 called
         call R1:1:2#1 f(2) runs R1:8:1 by plan
         reply R1:1:2#2 R1:8:1
         body R1:8:1 plan
         start R1:8:1 f(2)
         > R1:8:1 call b(1)
         attempt R1:9:1 called
         call R1:8:1#0 b(1) runs R1:9:1 by plan
         reply R1:8:1#1 R1:9:1",
    );
}

#[test]
fn of_equal_calls_each_has_its_own_pin_and_a_lone_call_keeps_its_pin_with_other_arguments() {
    check(
        "= R1:1 main() -> null
         = R1:2 b(1) by R1:1:1 -> 10
         = R1:3 b(1) by R1:1:1 -> 20
         = R1:4 c(1) by R1:1:1 -> 30
         > rerun R1:1 mock=R1:3/7 pin=R1:4/R1:4:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b(1)
         attempt R1:5:1 called
         call R1:1:2#0 b(1) runs R1:5:1 by plan
         reply R1:1:2#1 R1:5:1
         body R1:5:1 plan
         start R1:5:1 b(1)
         > R1:1:2 call b(1)
         attempt R1:6:1 called
         ended R1:6:1 7
         call R1:1:2#1 b(1) mocked R1:6:1
         reply R1:1:2#2 R1:6:1
         > R1:1:2 call c(99)
         call R1:1:2#2 c(99) pinned R1:4:1 by hand
         reply R1:1:2#3 R1:4:1
         > R1:1:2 call c(99)
         attempt R1:7:1 called
         call R1:1:2#3 c(99) runs R1:7:1 by plan
         reply R1:1:2#4 R1:7:1",
    );
}

#[test]
fn an_unpinned_memoised_call_runs_once() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1 unpin=R1:2
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         attempt R1:3:1 called
         call R1:1:2#0 a(1) runs R1:3:1 by hand
         reply R1:1:2#1 R1:3:1
         body R1:3:1 hand
         start R1:3:1 a(1)
         > R1:1:2 call a(1) memo
         call R1:1:2#1 a(1) pinned R1:3:1 by key
         reply R1:1:2#2 R1:3:1",
    );
}

#[test]
fn a_mock_holds_as_long_as_it_is_set() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> 10
         > rerun R1:1 mock=R1:2/7
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1) memo
         attempt R1:3:1 called
         ended R1:3:1 7
         call R1:1:2#0 a(1) mocked R1:3:1
         reply R1:1:2#1 R1:3:1
         > R1:1:2 call a(1) memo
         call R1:1:2#1 a(1) pinned R1:3:1 by key
         reply R1:1:2#2 R1:3:1
         > R1:1:2 returns null
         ended R1:1:2 null
         > R1:1:2 exits
         > at 100
         > rerun R1:1
         attempt R1:1:3 rerun
         body R1:1:3 chosen
         start R1:1:3 main()
         > R1:1:3 call a(1) memo
         call R1:1:3#0 a(1) pinned R1:2:1 by key
         reply R1:1:3#1 R1:2:1",
    );
}

#[test]
fn a_pin_that_is_not_whole_is_refused_whatever_the_rules_say() {
    check(
        "= R1:1 main() -> null
         = R1:2 b(1) by R1:1:1 -> pending
         > rerun R1:1 on-miss=run policy=open pin=R1:2/R1:2:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b(1)
         call R1:1:2#0 b(1) refused PinBroken
         reply R1:1:2#1 error guard: m:b was not run: what was set for it by hand cannot be used: R1:2:1 had no result when it was exported, and never will have one",
    );
    check(
        "= R1:1 main() -> null
         = R1:2 b(1) by R1:1:1 -> ~gone
         > rerun R1:1 on-miss=run pin=R1:2/R1:2:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b(1)
         call R1:1:2#0 b(1) refused PinBroken
         reply R1:1:2#1 error guard: m:b was not run: what was set for it by hand cannot be used: blob 283bb9deef02e6843abfb538efa1eca70801bd8a701c3f98191e123496339247 of its value is missing or damaged",
    );
}

#[test]
fn at_the_guard_too_a_pin_is_whole() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> ~gone
         > rerun R1:1 on-miss=pin
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(2) memo
         call R1:1:2#0 a(2) refused ArgumentsDiffer
         reply R1:1:2#1 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 0 was 1 and is 2 here",
    );
}

#[test]
fn a_pinned_call_whose_argument_is_not_there_yet_waits_for_it() {
    check(
        "= R1:1 main() -> null
         = R1:2 c(1) by R1:1:1 -> 5
         = R1:3 b(@R1:2:1) by R1:1:1 -> 10
         = R1:4 b(6) by R1:1:1 -> 20
         > rerun R1:1 mock=R1:3/7
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call c(1)
         attempt R1:5:1 called
         call R1:1:2#0 c(1) runs R1:5:1 by plan
         reply R1:1:2#1 R1:5:1
         body R1:5:1 plan
         start R1:5:1 c(1)
         > R1:1:2 call b(@R1:5:1)
         > R1:5:1 returns 5
         ended R1:5:1 5
         attempt R1:6:1 called
         ended R1:6:1 7
         call R1:1:2#1 b(@R1:5:1) mocked R1:6:1
         reply R1:1:2#2 R1:6:1",
    );
}

#[test]
fn a_matching_rule_stands_in_for_the_memo_key_memoised_or_not() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1,100) memo by R1:1:1 -> 10
         = R1:3 b(1,100) by R1:1:1 -> 20
         > rerun R1:1 ignore=a/1 only=b/0
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call a(1,200) memo
         call R1:1:2#0 a(1,200) pinned R1:2:1 by rule
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call b(1,300)
         call R1:1:2#1 b(1,300) pinned R1:3:1 by rule
         reply R1:1:2#2 R1:3:1
         > R1:1:2 call b(2,100)
         call R1:1:2#2 b(2,100) refused ArgumentsDiffer
         reply R1:1:2#3 error guard: m:b was not run: the ancestor never called it with these arguments; nearest call: R1:3:1, where argument 0 was 1 and is 2 here",
    );
}

#[test]
fn a_renamed_target_is_found_under_its_old_name() {
    check(
        "= R1:1 main() -> null
         = R1:2 old(1) memo by R1:1:1 -> 10
         = R1:3 plain(1) by R1:1:1 -> 20
         > rerun R1:1 renamed=new/old renamed=simple/plain
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call new(1) memo
         call R1:1:2#0 new(1) pinned R1:2:1 by values renamed
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call new(2) memo
         call R1:1:2#1 new(2) refused ArgumentsDiffer
         reply R1:1:2#2 error guard: m:new was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 0 was 1 and is 2 here
         > R1:1:2 call simple(2)
         attempt R1:4:1 called
         call R1:1:2#2 simple(2) runs R1:4:1 by plan
         reply R1:1:2#3 R1:4:1
         body R1:4:1 plan
         start R1:4:1 simple(2)",
    );
}

#[test]
fn a_person_says_at_the_guard_what_a_target_was_called() {
    check(
        "= R1:1 main() -> null
         = R1:2 old(1) memo by R1:1:1 -> 10
         > rerun R1:1 on-miss=ask
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call new(1) memo
         call R1:1:2#0 new(1) blocked NeverCalled
         ask R1:1:2#0
         > decide R1:1:2 0 map never
         rejected: the ancestor has no call of m:never in this run
         > decide R1:1:2 0 map old
         call R1:1:2#0 new(1) pinned R1:2:1 by values renamed
         reply R1:1:2#1 R1:2:1
         > R1:1:2 call new(1) memo
         call R1:1:2#1 new(1) pinned R1:2:1 by values renamed
         reply R1:1:2#2 R1:2:1
         > R1:1:2 call new(2) memo
         call R1:1:2#2 new(2) blocked ArgumentsDiffer
         ask R1:1:2#2
         > decide R1:1:2 2 pin R1:1:1
         rejected: R1:1:1 is no call of m:new
         > decide R1:1:2 2 pin R1:2:1
         call R1:1:2#2 new(2) pinned R1:2:1 by nearest
         reply R1:1:2#3 R1:2:1",
    );
}

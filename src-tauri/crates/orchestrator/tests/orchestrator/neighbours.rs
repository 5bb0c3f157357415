//! Other processes on the same store, and what is found when one is gone.

use crate::script::check;

#[test]
fn another_process_ends_what_is_ours_and_resolves_what_we_wait_for() {
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
         > R1:1:1 select R1:2:1
         > foreign ended R1:2:1 5
         stop R1:2:1
         reply R1:1:1#2 0: 5
         > R1:2:1 returns 6
         > R1:2:1 exits",
    );
}

#[test]
fn what_another_process_runs_is_waited_for_and_never_started_here() {
    check(
        "= R1:1 main() -> null
         = R1:2 a(1) memo by R1:1:1 -> raised no
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > foreign step R1:3:1 a(1) memo
         > foreign attempt R1:3:1
         > R1:1:2 call a(1) memo
         call R1:1:2#0 a(1) pinned R1:3:1 by key
         reply R1:1:2#1 R1:3:1
         > R1:1:2 select R1:3:1
         > foreign ended R1:3:1 7
         reply R1:1:2#2 0: 7
         > rerun R1:3
         attempt R1:3:2 rerun
         body R1:3:2 chosen
         start R1:3:2 a(1)
         > R1:3:2 returns 8
         ended R1:3:2 8",
    );
}

#[test]
fn a_rerun_cancels_what_another_process_runs_of_the_step() {
    check(
        "= R1:1 main() -> null
         > foreign attempt R1:1:2
         > rerun R1:1
         ended R1:1:2 cancelled
         attempt R1:1:3 rerun
         body R1:1:3 chosen
         start R1:1:3 main()
         > cancel R1:1:2",
    );
}

#[test]
fn what_a_process_that_is_gone_left_unfinished_is_abandoned() {
    check(
        "= R1:1 main() -> null
         = R1:2 a() by R1:1:1 -> pending
         > foreign attempt R1:1:2
         > foreign suspended R1:1:2
         > foreign attempt R1:1:3
         > abandon R1:1:3 R1:1:2 R1:2:1
         ended R1:1:3 abandoned
         resolved R1:1:2 abandoned
         > rerun R1:1
         attempt R1:1:4 rerun
         body R1:1:4 chosen
         start R1:1:4 main()
         > abandon R1:1:4",
    );
}

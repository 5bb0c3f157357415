//! The ways in which Coflux's own key loses a pin although the call is the same, one test each: here
//! it is pinned and labelled, or stops at the guard; its body never starts. (That a default is now
//! sent, or left out, is told with the memo rules.)

use crate::script::check;

/// `call` is made in a re-run of a root that called `recorded`; it is answered so.
#[track_caller]
fn call(before: &[&str], rerun: &str, call: &str, answered: &str) {
    let mut script = vec!["= R1:1 main() -> null".to_owned()];
    script.extend(before.iter().map(|line| format!("= {line}")));
    script.push(format!("> rerun R1:1 {rerun}").trim_end().to_owned());
    script.extend(
        ["attempt R1:1:2 rerun", "body R1:1:2 chosen", "start R1:1:2 main()"].map(str::to_owned),
    );
    script.push(format!("> R1:1:2 call {call}"));
    script.extend(answered.lines().map(|line| line.trim().to_owned()));
    check(&script.join("\n"));
}

#[test]
fn renamed_function() {
    let before = ["R1:2 old(1) memo by R1:1:1 -> 10"];
    call(
        &before,
        "",
        "new(1) memo",
        "call R1:1:2#0 new(1) refused NeverCalled
         reply R1:1:2#1 error guard: m:new was not run: the ancestor never called it in this run",
    );
    call(
        &before,
        "renamed=new/old",
        "new(1) memo",
        "call R1:1:2#0 new(1) pinned R1:2:1 by values renamed
         reply R1:1:2#1 R1:2:1",
    );
}

#[test]
fn handle_argument_after_an_upstream_rerun() {
    check(
        "= R1:1 main() -> null
         = R1:2 b(1) by R1:1:1 -> 5
         = R1:3 a(@R1:2:1) memo by R1:1:1 -> 10
         > rerun R1:1
         attempt R1:1:2 rerun
         body R1:1:2 chosen
         start R1:1:2 main()
         > R1:1:2 call b(1)
         attempt R1:4:1 called
         call R1:1:2#0 b(1) runs R1:4:1 by plan
         reply R1:1:2#1 R1:4:1
         body R1:4:1 plan
         start R1:4:1 b(1)
         > R1:4:1 returns 5
         ended R1:4:1 5
         > R1:4:1 exits
         > R1:1:2 call a(@R1:4:1) memo
         call R1:1:2#1 a(@R1:4:1) pinned R1:3:1 by values handle
         reply R1:1:2#2 R1:3:1",
    );
}

#[test]
fn blob_threshold() {
    call(
        &["R1:2 a(%[1,2.5]) memo by R1:1:1 -> 10"],
        "",
        "a([1,2.5]) memo",
        "call R1:1:2#0 a([1,2.5]) pinned R1:2:1 by values threshold
         reply R1:1:2#1 R1:2:1",
    );
}

/// What a pickle holds only Python can tell: two of other bytes are two, unless a person says that the
/// parameter does not count.
#[test]
fn pickle_bytes() {
    let before = ["R1:2 a(1,~one) memo by R1:1:1 -> 10"];
    let answers = |rerun: &str, expected: &str| {
        let mut script = vec!["= R1:1 main() -> null".to_owned()];
        script.extend(before.iter().map(|line| format!("= {line}")));
        script.push(format!("> rerun R1:1 {rerun}").trim_end().to_owned());
        script.push("> R1:1:2 call a(1,~two) memo".to_owned());
        let said = crate::script::played(&script.join("\n"));
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("start R1:3"), "{said}");
    };
    answers("", "refused ArgumentsDiffer");
    answers("ignore=a/1", "pinned R1:2:1 by rule");
}

#[test]
fn set_order_and_spelling() {
    call(
        &[r#"R1:2 a({"type":"set","items":[1,2]}) memo by R1:1:1 -> 10"#],
        "",
        r#"a({"type":"set","items":[2,1]}) memo"#,
        r#"call R1:1:2#0 a({"type":"set","items":[2,1]}) pinned R1:2:1 by values spelling
           reply R1:1:2#1 R1:2:1"#,
    );
}

#[test]
fn timestamp_or_temporary_path_parameter() {
    let before = [r#"R1:2 a(1,"/tmp/x1") memo by R1:1:1 -> 10"#];
    let made = r#"a(1,"/tmp/x2") memo"#;
    call(
        &before,
        "",
        made,
        r#"call R1:1:2#0 a(1,"/tmp/x2") refused ArgumentsDiffer
           reply R1:1:2#1 error guard: m:a was not run: the ancestor never called it with these arguments; nearest call: R1:2:1, where argument 1 was '/tmp/x1' and is '/tmp/x2' here"#,
    );
    call(
        &before,
        "ignore=a/1",
        made,
        r#"call R1:1:2#0 a(1,"/tmp/x2") pinned R1:2:1 by rule
           reply R1:1:2#1 R1:2:1"#,
    );
}

#[test]
fn part_of_a_value_that_is_a_timestamp() {
    call(
        &[r#"R1:2 a({"type":"dict","items":["id",7,"at",1]}) memo by R1:1:1 -> 10"#],
        "part=a/0['id']",
        r#"a({"type":"dict","items":["id",7,"at",2]}) memo"#,
        r#"call R1:1:2#0 a({"type":"dict","items":["id",7,"at",2]}) pinned R1:2:1 by rule
           reply R1:1:2#1 R1:2:1"#,
    );
}

#[test]
fn ancestor_outcome_not_a_value() {
    let before = ["R1:2 a(1) memo by R1:1:1 -> raised no"];
    call(
        &before,
        "",
        "a(1) memo",
        "call R1:1:2#0 a(1) refused NotAValue
         reply R1:1:2#1 error guard: m:a was not run: the ancestor's same call gave no value; nearest call: R1:2:1",
    );
    // A person can pin it all the same: the caller gets the ancestor's error again.
    call(
        &before,
        "pin=R1:2/R1:2:1",
        "a(1) memo",
        "call R1:1:2#0 a(1) pinned R1:2:1 by hand
         reply R1:1:2#1 R1:2:1",
    );
    call(
        &["R1:2 a(1) memo by R1:1:1 -> pending"],
        "",
        "a(1) memo",
        "call R1:1:2#0 a(1) refused NeverFinished
         reply R1:1:2#1 error guard: m:a was not run: the ancestor's same call had no result when it was exported; nearest call: R1:2:1",
    );
}

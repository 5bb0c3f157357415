//! What the real server did, done here: recorded runs are imported, the same edits made, the same
//! steps run again with the real SDK, and the outcome compared with what the server's export showed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod differences;
mod graph;
mod replay;
#[path = "../support/mod.rs"]
mod support;

use replay::{Act, Effects, Scenario};

/// Scenarios run one after the other: some of them are about time.
fn conforms(scenario: &Scenario) {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    replay::conforms(scenario);
}

macro_rules! scenarios {
    ($($name:ident: $folder:literal $effects:ident, import $imports:expr, $(inputs [$($inputs:literal),*],)? state $state:expr, $($act:expr),+;)*) => {
        $(#[test] fn $name() {
            conforms(&Scenario {
                folder: $folder,
                imports: &$imports,
                inputs: &[$($($inputs),*)?],
                state: &$state,
                effects: $effects,
                acts: &[$($act),+],
            });
        })*
    };
}

use Act::{Compare, CompareRun, Edit, OneAtATime, Rerun, Submit, SubmitNoMemo, Wait};
use Effects::{None as Unrecorded, Part, Whole};

scenarios! {
    orders: "orders" Whole, import ["before.json"], state [],
        Edit(0), Rerun("RkCd:7"), Compare("after-1-leaf.json"),
        Rerun("RkCd:1"), Compare("after-2-root.json"),
        Edit(1), Rerun("RkCd:6"), Rerun("RkCd:1"), Compare("after.json");
    memo_params: "memo-params" Whole, import ["before.json"], state [],
        Edit(0), Rerun("RK7B:1"), Compare("after.json");
    memo_workflow_default: "memo-workflow-default" Whole, import ["before.json"], state [],
        Rerun("RGVp:1"), Compare("after.json");
    memo_edges: "memo-edges" Part, import ["before.json", "child-R3ZQ.json", "child-RJq9.json"],
        state [("suspender-5", "1")],
        Rerun("RCgT:1"), Compare("after.json");
    memo_concurrent: "memo-edges" Part, import ["concurrent.json"], state [],
        Rerun("RJkp:1"), Compare("concurrent-after.json");
    failing_record: "failing-record" Whole, import ["before.json"], state [],
        Edit(0), Rerun("Rk96:20"), Compare("after-1-leaf.json"),
        Rerun("Rk96:1"), Compare("after.json");
    retries: "retries" Whole, import ["before.json"],
        state [("count-third-k1", "3"), ("count-never-k1", "3")],
        Rerun("Rmr5:1"), Compare("after.json");
    values: "values" Whole, import ["before.json"], state [],
        Rerun("RTJB:26"), Rerun("RTJB:8"), Compare("after.json");
    caching: "caching" Part, import ["before.json", "before-second-run.json"], state [],
        Edit(0), Rerun("RHW5:1"), Compare("after-1-root.json"),
        Rerun("RHW5:4"), Wait(2000), Rerun("RHW5:1"), Compare("after.json");
    fanout_200: "fanout-200" Whole, import ["before.json"], state [],
        Rerun("RnYs:7"), Rerun("RnYs:205"), Rerun("RnYs:204"), Compare("after.json");
    inputs: "inputs" Whole, import ["before.json"], inputs ["input-1.json", "input-2.json", "input-3.json"], state [],
        Rerun("R6y2:1"), Compare("after.json");
    timeouts: "lifecycle" Part, import ["timeouts/before.json"], state [],
        Rerun("RDXD:1"), Compare("timeouts/after.json");
    suspends: "lifecycle" Part, import ["suspends/before.json"], state [("lc-suspend-a", "3")],
        Rerun("RDV5:1"), Compare("suspends/after.json");
    parents: "lifecycle" Part, import ["parent/before.json", "parent/child-RCcz.json", "parent/child-Rcxl.json"],
        state [],
        Rerun("RJWP:1"), Compare("parent/after.json");
    telemetry: "telemetry" Whole, import ["before.json"], state [],
        Rerun("RyQF:1"), Compare("after.json");

    // The runs as production did them, from their beginnings.
    fresh_orders: "orders" Whole, import [], state [],
        OneAtATime, Submit("orders:process_order", &["\"A-1001\""]), CompareRun(0, "before.json");
    fresh_memo_params: "memo-params" Whole, import [], state [],
        Submit("memos:rollout", &["[\"m1\",\"m2\",\"m1\"]"]), CompareRun(0, "before.json");
    fresh_memo_defaults: "memo-params" Unrecorded, import [], state [],
        Submit("memos:rollout_defaults", &[]), CompareRun(0, "defaults.json");
    fresh_memo_workflow_default: "memo-workflow-default" Whole, import [], state [],
        Submit("memos:default_memo", &["1"]), CompareRun(0, "before.json"),
        SubmitNoMemo("memos:default_memo", &["1"]), CompareRun(1, "no-memo-flag.json");
    fresh_memo_edges: "memo-edges" Whole, import [], state [],
        Submit("memos:edges", &["5"]), CompareRun(0, "before.json"),
        Submit("memos:concurrent_memo", &["5"]), CompareRun(1, "concurrent.json");
    fresh_failing_record: "failing-record" Whole, import [], state [],
        Submit("failing:nightly", &["\"2026-03-04\""]), CompareRun(0, "before.json");
    fresh_retries: "retries" Whole, import [], state [],
        Submit("failing:retrying", &["\"k1\""]), CompareRun(0, "before.json");
    fresh_caching: "caching" Whole, import [], state [],
        Submit("caching:use_caches", &["\"first\""]), CompareRun(0, "before.json"), Wait(2000),
        Submit("caching:use_caches", &["\"second\""]), CompareRun(1, "before-second-run.json"),
        Submit("caching:cached_workflow", &["4"]), CompareRun(2, "cached-workflow-1.json"),
        Submit("caching:cached_workflow", &["4"]), CompareRun(3, "cached-workflow-2.json");
    fresh_lifecycle: "lifecycle" Part, import [], state [],
        Submit("lifecycle:timeouts", &[]), CompareRun(0, "timeouts/before.json"),
        Submit("lifecycle:cancels_child", &[]), CompareRun(1, "cancels_child/before.json"),
        Submit("lifecycle:suspends", &["\"a\""]), CompareRun(2, "suspends/before.json"),
        Submit("lifecycle:parent", &["3"]), CompareRun(3, "parent/before.json"),
        Submit("lifecycle:async_flow", &["3"]), CompareRun(4, "async_flow/before.json");
    fresh_telemetry: "telemetry" Whole, import [], state [],
        Submit("telemetry:observe", &[]), CompareRun(0, "before.json");
}

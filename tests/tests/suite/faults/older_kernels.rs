//! Splices on kernels that lack what the fast routes are made of: the same bytes, by the next best way.

use intercut_tests::job::Job;
use intercut_tests::older::{FEATURES, Feature, run_without};
use intercut_tests::skip;
use intercut_tests::storage::{Filesystem, Mounted};
use serde_json::Value;

const SMALL: u32 = 5 << 20;

fn feature(name: &str) -> Feature {
    let found = FEATURES.iter().find(|feature| feature.name.starts_with(name));
    *found.expect("the feature has this name")
}

/// Splices by `route` without `lacking`; returns the report, or what was said where there is no movie. `None` where it
/// cannot be tried here.
fn splice(job: &Job, route: &str, lacking: &[Feature]) -> Option<Result<Value, String>> {
    job.reset(false);
    let output = match run_without(lacking, job.command(route, &[])) {
        Ok(output) => output,
        Err(reason) => {
            skip::note("seccomp", &reason);
            return None;
        }
    };
    let (is_done, said) = job.all_or_nothing(&output, false, &format!("{route} {lacking:?}"));
    let report = || serde_json::from_slice(&output.stdout).expect("a run that is done reports");
    Some(if is_done { Ok(report()) } else { Err(said) })
}

/// The route that carried most bytes.
fn main_route(report: &Value) -> String {
    let routes = report["bytes_by_route"].as_object().expect("a report has them");
    let most = routes.iter().max_by_key(|(_, bytes)| bytes.as_u64());
    most.expect("there are routes").0.clone()
}

#[test]
fn each_missing_feature_and_all_of_them_leave_direct_writes() {
    let (_folder, job) = Job::on_disk(SMALL);
    let singly = FEATURES.iter().map(std::slice::from_ref);
    for lacking in singly.chain([&FEATURES[..]]) {
        for route in ["auto", "mapped", "staged", "buffered"] {
            let Some(done) = splice(&job, route, lacking) else { return };
            let report = done.unwrap_or_else(|said| panic!("{route} without {lacking:?}: {said}"));
            let expected = if route == "auto" { "mapped" } else { route };
            assert_eq!(main_route(&report), expected, "without {lacking:?}");
        }
    }
}

#[test]
fn kernel_route_is_refused_by_name_where_the_call_is_missing() {
    let (_folder, job) = Job::on_disk(SMALL);
    let lacking = [feature("copy_file_range")];
    let Some(done) = splice(&job, "kernel", &lacking) else { return };
    let said = done.expect_err("it cannot be done");
    assert!(said.contains("route cannot write"), "{said}");
}

#[test]
fn blocks_are_written_where_they_cannot_be_shared() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    let job = Job::new(&mounted.path(), &mounted.path().join("out"), SMALL);
    let lacking = [feature("FICLONERANGE")];
    for (lacking, expected) in [(&[][..], "reflink"), (&lacking, "mapped"), (&FEATURES, "mapped")] {
        let Some(done) = splice(&job, "auto", lacking) else { return };
        let report = done.unwrap_or_else(|said| panic!("without {lacking:?}: {said}"));
        assert_eq!(main_route(&report), expected, "without {lacking:?}");
    }
}

#[test]
fn files_in_memory_are_copied_through_slabs_where_the_kernel_copies_none() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Tmpfs, 64 << 20) else { return };
    let job = Job::new(&mounted.path(), &mounted.path().join("out"), SMALL);
    let lacking = [feature("copy_file_range")];
    for (lacking, expected) in
        [(&[][..], "kernel"), (&lacking, "buffered"), (&FEATURES, "buffered")]
    {
        let Some(done) = splice(&job, "auto", lacking) else { return };
        let report = done.unwrap_or_else(|said| panic!("without {lacking:?}: {said}"));
        assert_eq!(main_route(&report), expected, "without {lacking:?}");
    }
}

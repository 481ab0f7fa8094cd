//! What a test may lack: the folder of shared captures, and other programs. A test that lacks one reports that it skips.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The folder that `DEFRAME_CAPTURES` names; unset, the test skips.
pub fn shared_captures() -> Option<PathBuf> {
    let folder = env::var_os("DEFRAME_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: DEFRAME_CAPTURES is not set");
    }
    folder
}

/// Whether a command that shows the peer's version succeeds. Without the peer the test skips, or fails where
/// `DEFRAME_REQUIRE_PEERS` is set.
#[track_caller]
pub fn has_peer(version: &[&str]) -> bool {
    let found = Command::new(version[0])
        .args(&version[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        assert!(
            env::var_os("DEFRAME_REQUIRE_PEERS").is_none(),
            "{} is required and does not run",
            version.join(" ")
        );
        eprintln!("skipped: {} does not run", version.join(" "));
    }
    found
}

//! The captures of `testdata` are what `make.sh` makes, byte for byte.

use std::{fs, path::Path, process::Command};

#[test]
fn made_again_they_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("bash")
        .arg("testdata/make.sh")
        .arg(env!("CARGO_BIN_EXE_deframe"))
        .arg(folder.path())
        .status();
    let Ok(status) = made else {
        eprintln!("SKIPPED: no bash to run testdata/make.sh");
        return;
    };
    assert!(status.success());
    let mut compared = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let kept = fs::read(Path::new("testdata").join(name)).unwrap();
        assert!(
            fs::read(&path).unwrap() == kept,
            "{} differs",
            name.display()
        );
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} captures made");
}

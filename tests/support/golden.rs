//! Golden texts: expected output kept in `testdata/golden`. `DEFRAME_BLESS=1` rewrites them; review the difference
//! before committing it.

use std::{env, fs, path::Path};

/// Whether expected outputs are to be rewritten.
pub fn is_blessing() -> bool {
    env::var_os("DEFRAME_BLESS").is_some_and(|bless| bless == "1")
}

/// Compares a text with `testdata/golden/NAME.txt`.
#[track_caller]
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/golden/{name}.txt"));
    if is_blessing() {
        return fs::write(&path, text).unwrap();
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = want.lines().zip(text.lines()).enumerate();
    if let Some((nth, (want, got))) = lines.find(|(_, (want, got))| want != got) {
        panic!("{name}.txt, line {}:\n  want {want}\n  got  {got}", nth + 1);
    }
    assert!(
        want == text,
        "{name}.txt has {} lines, the output {}, and both begin alike",
        want.lines().count(),
        text.lines().count()
    );
}

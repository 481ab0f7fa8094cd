//! The known word that was probably meant.

/// The word most like `word`, if one is like it: at most one edit, and one more for every four letters. An edit changes,
/// adds or leaves out a letter or swaps it with the next (optimal string alignment).
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    const COMPARED_CHARS: usize = 64;
    let word: String = word.chars().take(COMPARED_CHARS).collect();
    let best = known
        .iter()
        .map(|near| (strsim::osa_distance(&word, near), *near))
        .min()?;
    (best.0 <= 1 + word.chars().count() / 4).then_some(best.1)
}

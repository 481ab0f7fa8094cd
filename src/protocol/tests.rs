use super::*;

#[test]
fn the_device_protocol() {
    let fd = Protocol::fd();
    let sizes: Vec<_> = fd.layout.frames.iter().map(|frame| frame.min).collect();
    assert_eq!(sizes, [154, 194, 196]);
    assert_eq!(fd.messages[0].frames, [0, 1, 2]);
    let sizes = fd
        .with_lengths_as_frame()
        .unwrap()
        .layout
        .frames
        .iter()
        .map(|frame| frame.max)
        .collect::<Vec<_>>();
    assert_eq!(sizes, [150, 190, 192]);
}

#[test]
fn every_description_of_the_library_parses() {
    let mut names: Vec<_> = library().map(|entry| entry.name).collect();
    for Entry { name, text } in library() {
        let protocol = Protocol::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(protocol.name, name);
        assert!(
            protocol.description.is_some() && protocol.source.is_some(),
            "{name}"
        );
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), library().len());
    Protocol::parse(STARTER, "starter").unwrap_or_else(|error| panic!("{error}"));
}

//! What is told of the device protocol, rule by rule.

use crate::script::{Closed, Do, Known, Open, Unknown, events, fd, fd_frame, run, table};

fn told(bytes: &[Vec<u8>]) -> Vec<String> {
    events(&fd(), Known, &bytes.concat(), Closed)
}

fn edited(kind: usize, edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut frame = fd_frame(kind, 7);
    edit(&mut frame);
    frame
}

#[test]
fn whole_frames() {
    assert_eq!(
        told(&[fd_frame(0, 1), fd_frame(1, 2), fd_frame(2, 3)]),
        ["0 0+154", "1 154+194", "2 348+196"]
    );
}

#[test]
fn every_name() {
    let rows: &[(&str, Vec<u8>)] = &[
        ("bad_end_marker 154+154 ~0", edited(0, |f| f[153] = 0)),
        ("bad_end_marker 154+194 ~1", edited(1, |f| f[192] = 0)),
        ("bad_end_marker 154+196 ~2", edited(2, |f| f[194] = 0)),
        (
            "bad_length 154+22 ~1",
            edited(1, |f| drop(f.drain(10..182))),
        ),
        (
            "bad_length 154+199 ~2",
            edited(2, |f| f.splice(50..50, [1, 2, 3]).for_each(drop)),
        ),
        (
            "bad_length 154+204 ~0",
            edited(0, |f| f.splice(50..50, [9; 50]).for_each(drop)),
        ),
        ("bad_length 154+4 ~0", vec![0xFD, 0xAA, 0xCC, 0xDD]),
        ("truncated 154+3 ~0", vec![0xFD, 0xAA, 0xDD]),
        ("truncated 154+3 ~2", vec![0xFD, 0xCC, 0xDD]),
        ("truncated 154+195 ~2", edited(2, |f| f.truncate(195))),
        ("bad_header 154+154 ~0", edited(0, |f| f[1] = 0)),
        ("bad_header 154+194 ~1", edited(1, |f| f[0] = 0)),
        ("bad_header 154+196 ~2", edited(2, |f| f[1] = 0xAB)),
        ("junk 154+1", vec![0xFD]),
        ("junk 154+197", vec![0x11; 197]),
        ("junk 154+154", vec![0xFE; 154]),
        ("junk 154+1000", vec![0xDD; 1000]),
        ("junk 154+197", [vec![0xFD, 0xCC], vec![1; 195]].concat()),
    ];
    for (want, bad) in rows {
        let got = told(&[fd_frame(0, 1), bad.clone(), fd_frame(0, 2)]);
        assert_eq!(got[0], "0 0+154");
        assert_eq!(
            got[1..],
            [want.to_string(), format!("0 {}+154", 154 + bad.len())],
            "{want}"
        );
    }
}

#[test]
fn a_frame_with_two_lengths() {
    let both = edited(2, |f| f[192..194].copy_from_slice(&[0xCC, 0xDD]));
    let rows: &[(&str, Vec<u8>, &[&str])] = &[
        (
            "both markers: the longest",
            both.clone(),
            &["2 0+196", "0 196+154"],
        ),
        (
            "a marker in the body",
            edited(1, |f| {
                f[100..104].copy_from_slice(&[0xCC, 0xDD, 0xFD, 0xAA])
            }),
            &["1 0+194", "0 194+154"],
        ),
        (
            "a header in the body",
            edited(2, |f| f[2..4].copy_from_slice(&[0xFD, 0xCC])),
            &["2 0+196", "0 196+154"],
        ),
    ];
    for (what, first, want) in rows {
        assert_eq!(told(&[first.clone(), fd_frame(0, 1)]), *want, "{what}");
        assert_eq!(told(std::slice::from_ref(first)), want[..1], "{what}, last");
    }
    assert_eq!(told(&[fd_frame(1, 1)]), ["1 0+194"]);
}

#[test]
fn the_beginning() {
    let rest = fd_frame(2, 1)[40..].to_vec();
    let stream = [rest.clone(), fd_frame(0, 1)].concat();
    assert_eq!(
        events(&fd(), Unknown, &stream, Open),
        ["leading 0+156", "0 156+154"]
    );
    assert_eq!(
        events(&fd(), Known, &stream, Open),
        ["junk 0+156", "0 156+154"]
    );
    assert_eq!(events(&fd(), Unknown, &rest, Closed), ["leading 0+156"]);
}

#[test]
fn the_end() {
    let open = fd_frame(1, 5)[..100].to_vec();
    let first = fd_frame(0, 1);
    let stream = [first.clone(), open.clone()].concat();
    assert_eq!(
        events(&fd(), Known, &stream, Open),
        ["0 0+154", "unfinished 154+100"]
    );
    assert_eq!(
        events(&fd(), Known, &stream, Closed),
        ["0 0+154", "truncated 154+100 ~2"]
    );
    let junk = [first.clone(), vec![1; 30], open.clone()].concat();
    assert_eq!(
        events(&fd(), Known, &junk, Open),
        ["0 0+154", "junk 154+30", "unfinished 184+100"]
    );
    assert_eq!(
        events(&fd(), Known, &junk, Closed),
        ["0 0+154", "junk 154+30", "truncated 184+100 ~2"]
    );
    let last = [first.clone(), vec![1, 2, 0xFD]].concat();
    assert_eq!(
        events(&fd(), Known, &last, Open),
        ["0 0+154", "junk 154+2", "unfinished 156+1"]
    );
    // A marker inside cuts no fault whose name is known.
    let bad = edited(0, |f| (f[100], f[101], f[153]) = (0xFD, 0xCC, 0));
    assert_eq!(
        events(&fd(), Known, &[first, bad].concat(), Closed),
        ["0 0+154", "bad_end_marker 154+154 ~0"]
    );
}

#[test]
fn gaps() {
    let (a, b) = (fd_frame(0, 1), fd_frame(2, 2));
    let rows: &[(&str, usize, usize, &[&str])] = &[
        (
            "in the head",
            155,
            200,
            &["0 0+154", "cut 154+1", "cut 200+150", "0 350+154"],
        ),
        (
            "in the body",
            200,
            210,
            &["0 0+154", "cut 154+46", "cut 210+140", "0 350+154"],
        ),
        (
            "in the tail",
            340,
            349,
            &["0 0+154", "cut 154+186", "cut 349+1", "0 350+154"],
        ),
        ("between frames", 154, 350, &["0 0+154", "0 350+154"]),
        (
            "before the end marker's end",
            349,
            400,
            &["0 0+154", "cut 154+195", "cut 400+104"],
        ),
        (
            "the first bytes",
            0,
            20,
            &["cut 20+134", "2 154+196", "0 350+154"],
        ),
    ];
    let all = [a.clone(), b, a].concat();
    for (what, from, to, want) in rows {
        let script = [
            Do::Bytes(all[..*from].to_vec()),
            Do::Gap((to - from) as u64),
            Do::Bytes(all[*to..].to_vec()),
            Do::Finish(Closed),
        ];
        assert_eq!(run(&table(&fd()), Known, &script), *want, "{what}");
    }
}

#[test]
fn data_behind_the_end() {
    let script = [
        Do::Bytes(fd_frame(0, 1)[..9].to_vec()),
        Do::Finish(Closed),
        Do::Bytes(fd_frame(1, 1)),
        Do::Finish(Closed),
    ];
    assert_eq!(
        run(&table(&fd()), Known, &script),
        ["truncated 0+9 ~0", "1 9+194"]
    );
}

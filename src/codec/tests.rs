//! Items of a codec are the events of a framer, however the socket cuts the bytes.

use std::{sync::Arc, time::Duration};

use tokio::io::AsyncWriteExt;
use tokio_util::codec::Encoder;

use super::{FrameCodec, Frames, Item, push};
use crate::{
    framing::{FrameTable, Framer, StreamEnd, StreamStart},
    protocol::Protocol,
};

fn table() -> Arc<FrameTable> {
    Arc::new(FrameTable::new(&Protocol::fd().layout).unwrap())
}

/// Frames of all types with faults between them.
fn stream(table: &FrameTable) -> Vec<u8> {
    let mut out = Vec::new();
    for n in 0..40u8 {
        let kind = usize::from(n) % 3;
        table
            .encode(kind, &vec![n; [150, 190, 192][kind]], &mut out)
            .unwrap();
        match n % 7 {
            3 => out.extend_from_slice(b"junk"),
            5 => out.truncate(out.len() - 2),
            _ => {}
        }
    }
    out
}

fn expected(table: &Arc<FrameTable>, bytes: &[u8]) -> Vec<Item> {
    let mut items = std::collections::VecDeque::new();
    let mut framer = Framer::new(Arc::clone(table), StreamStart::Known);
    framer.feed(bytes, &mut |event| push(&mut items, None, event));
    framer.finish(StreamEnd::Closed, &mut |event| {
        push(&mut items, None, event)
    });
    items.into()
}

#[tokio::test]
async fn items_do_not_depend_on_the_cut() {
    let table = table();
    let bytes = stream(&table);
    let want = expected(&table, &bytes);
    assert!(want.iter().any(|item| matches!(item, Item::Fault(_))));
    for cut in [1, 2, 3, 153, 154, 155, 500, 1460, bytes.len()] {
        let (mut device, socket) = tokio::io::duplex(64 * 1024);
        let sent = bytes.clone();
        let sender = tokio::spawn(async move {
            for piece in sent.chunks(cut) {
                device.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut frames = Frames::new(
            socket,
            FrameCodec::new(Arc::clone(&table)),
            Duration::from_secs(60),
        );
        let mut found = Vec::new();
        while let Some(item) = frames.next().await.unwrap() {
            found.push(item);
        }
        sender.await.unwrap();
        assert_eq!(found, want, "pieces of {cut} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_complete_frame_is_taken_after_the_pause() {
    let (table, mut bytes) = (table(), Vec::new());
    table.encode(1, &[7; 190], &mut bytes).unwrap();
    let (mut device, socket) = tokio::io::duplex(1024);
    let mut frames = Frames::new(socket, FrameCodec::new(table), Duration::from_millis(200));
    for offset in [0, 194] {
        device.write_all(&bytes).await.unwrap();
        let item = frames.next().await.unwrap();
        assert!(
            matches!(&item, Some(Item::Frame(f)) if f.offset == offset && f.bytes[..] == bytes[..]),
            "{item:?}"
        );
    }
    drop(device);
    assert_eq!(frames.next().await.unwrap(), None);
}

#[test]
fn a_payload_that_does_not_fit_is_an_error_and_writes_nothing() {
    let mut codec = FrameCodec::new(table());
    let mut out = bytes::BytesMut::new();
    assert!(codec.encode((0, [0u8; 150]), &mut out).is_ok());
    assert_eq!(out.len(), 154);
    let error = codec.encode((0, [0u8; 149]), &mut out).unwrap_err();
    assert_eq!(
        (error.kind(), out.len()),
        (std::io::ErrorKind::InvalidInput, 154)
    );
}

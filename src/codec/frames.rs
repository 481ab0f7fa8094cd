//! The items of one socket, with the pause after which a complete frame is taken.

use std::{future::poll_fn, io, pin::Pin, time::Duration};

use futures_core::Stream;
use tokio::{io::AsyncRead, time::timeout};
use tokio_util::codec::FramedRead;

use super::{FrameCodec, Item};

/// Reads the items of one connection.
#[derive(Debug)]
pub struct Frames<R> {
    read: FramedRead<R, FrameCodec>,
    pause: Duration,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// `pause` is the silence after which a complete frame is taken, though it could still become a longer one.
    pub fn new(source: R, codec: FrameCodec, pause: Duration) -> Self {
        Self {
            read: FramedRead::new(source, codec),
            pause,
        }
    }

    /// The next item, none at the end of the connection. Safe to cancel: no byte and no item is lost.
    ///
    /// # Errors
    ///
    /// Those of the source; what was read before has been given.
    pub async fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.read.decoder_mut().take() {
                return Ok(Some(item));
            }
            let pending = self.read.decoder().is_pending();
            let next = poll_fn(|cx| Pin::new(&mut self.read).poll_next(cx));
            let item = match pending {
                false => next.await,
                true => match timeout(self.pause, next).await {
                    Ok(item) => item,
                    Err(_) => {
                        self.read.decoder_mut().flush();
                        continue;
                    }
                },
            };
            return item.transpose();
        }
    }
}

//! The items of one socket, with the pause after which a complete frame is taken.

use std::{future::poll_fn, io, pin::Pin, task::Poll, time::Duration};

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
            let item = match self.item_or_pending().await {
                Some(item) => item,
                None => match timeout(self.pause, self.item()).await {
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

    async fn item(&mut self) -> Option<io::Result<Item>> {
        poll_fn(|cx| Pin::new(&mut self.read).poll_next(cx)).await
    }

    /// The next item, or none as soon as a complete frame waits while nothing more has come.
    async fn item_or_pending(&mut self) -> Option<Option<io::Result<Item>>> {
        poll_fn(|cx| match Pin::new(&mut self.read).poll_next(cx) {
            Poll::Ready(item) => Poll::Ready(Some(item)),
            Poll::Pending if self.read.decoder().is_pending() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

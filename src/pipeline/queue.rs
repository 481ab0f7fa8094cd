//! A first-in first-out queue that stores its first element inline, because it rarely has a second.

use std::collections::VecDeque;

/// First in, first out.
#[derive(Debug)]
pub(super) struct Queue<T> {
    first: Option<T>,
    /// Those behind the first; none without it.
    more: Option<Box<More<T>>>,
}

#[derive(Debug)]
struct More<T>(VecDeque<T>);

impl<T> Queue<T> {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    #[inline]
    pub fn len(&self) -> usize {
        let more = self.more.as_deref().map_or(0, |more| more.0.len());
        usize::from(self.first.is_some()) + more
    }

    #[inline]
    pub fn front(&self) -> Option<&T> {
        self.first.as_ref()
    }

    #[inline]
    pub fn front_mut(&mut self) -> Option<&mut T> {
        self.first.as_mut()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let more = self.more.as_deref_mut().map(|more| more.0.iter_mut());
        self.first.iter_mut().chain(more.into_iter().flatten())
    }

    #[inline]
    pub fn push_back(&mut self, element: T) {
        if self.first.is_none() {
            self.first = Some(element);
        } else {
            self.more.get_or_insert_default().0.push_back(element);
        }
    }

    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        let next = self.more.as_deref_mut().and_then(|more| more.0.pop_front());
        std::mem::replace(&mut self.first, next)
    }

    #[inline]
    pub fn pop_back(&mut self) -> Option<T> {
        let last = self.more.as_deref_mut().and_then(|more| more.0.pop_back());
        last.or_else(|| self.first.take())
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            first: None,
            more: None,
        }
    }
}

impl<T> Default for More<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_any_other_queue() {
        let (mut queue, mut model) = (Queue::default(), VecDeque::new());
        let mut seed = 1u64;
        for n in 0..5_000 {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            match seed >> 60 {
                0..=6 => {
                    queue.push_back(n);
                    model.push_back(n);
                }
                7..=14 => assert_eq!(queue.pop_front(), model.pop_front()),
                _ if seed >> 57 & 1 == 0 => assert_eq!(queue.pop_back(), model.pop_back()),
                _ => queue.iter_mut().chain(&mut model).for_each(|n| *n += 1),
            }
            assert_eq!((queue.len(), queue.front()), (model.len(), model.front()));
            assert_eq!(queue.is_empty(), model.is_empty());
            assert!(queue.iter_mut().eq(&mut model));
        }
    }
}

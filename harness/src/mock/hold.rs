//! Waits that end at an absolute time, precisely: one timer of the kernel for all of them.
//!
//! tokio's own timer counts whole milliseconds and is late by more than one; a timerfd is not.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use loopmark_protocol::monotonic_ns;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

const NS_PER_S: u64 = 1_000_000_000;

/// All waits of one thread.
#[derive(Clone)]
pub struct Hub(Rc<Waits>);

struct Waits {
    timer: AsyncFd<OwnedFd>,
    /// The earliest first.
    heap: RefCell<BinaryHeap<Reverse<Waiting>>>,
    /// What the timer is set to, in ns; the maximum when it is not set.
    armed_ns: Cell<u64>,
    /// Keeps waits of one deadline in the order in which they came.
    next_order: Cell<u64>,
}

struct Waiting {
    due_ns: u64,
    order: u64,
    waker: Rc<RefCell<Option<Waker>>>,
}

/// Ends at its deadline; dropping it cancels it.
pub struct Wait {
    hub: Hub,
    due_ns: u64,
    /// Where the hub finds the waker, once the wait is in its heap.
    waker: Option<Rc<RefCell<Option<Waker>>>>,
}

impl Hub {
    /// Makes a hub and starts its task on the current `LocalSet`.
    ///
    /// # Errors
    ///
    /// The system has no timer to give.
    pub fn start() -> io::Result<Hub> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "the successor is an unsafe fn, for types that may close their file; an OwnedFd can't"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        let hub = Hub(Rc::new(Waits {
            timer,
            heap: RefCell::default(),
            armed_ns: Cell::new(u64::MAX),
            next_order: Cell::new(0),
        }));
        let waits = Rc::clone(&hub.0);
        tokio::task::spawn_local(async move {
            if let Err(error) = waits.run().await {
                tell!("loopmark mock: the timer failed, replies will not come: {error}");
            }
        });
        Ok(hub)
    }

    /// Waits until `CLOCK_MONOTONIC` reaches `due_ns`.
    pub fn wait_until(&self, due_ns: u64) -> Wait {
        Wait {
            hub: self.clone(),
            due_ns,
            waker: None,
        }
    }
}

impl Waits {
    async fn run(&self) -> io::Result<()> {
        loop {
            let mut ready = self.timer.readable().await?;
            let mut expirations = [0; 8];
            let read = rustix::io::read(self.timer.get_ref(), &mut expirations);
            if read.is_err_and(|error| error != rustix::io::Errno::AGAIN) {
                read?;
            }
            ready.clear_ready();
            self.armed_ns.set(u64::MAX);
            self.wake_due();
            let next_ns = self.heap.borrow().peek().map(|Reverse(first)| first.due_ns);
            if let Some(next_ns) = next_ns {
                self.arm(next_ns)?;
            }
        }
    }

    fn wake_due(&self) {
        let mut heap = self.heap.borrow_mut();
        let now_ns = monotonic_ns();
        while heap
            .peek()
            .is_some_and(|Reverse(first)| first.due_ns <= now_ns)
        {
            let waker = heap
                .pop()
                .and_then(|Reverse(first)| first.waker.borrow_mut().take());
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    fn push(&self, due_ns: u64, waker: Waker) -> io::Result<Rc<RefCell<Option<Waker>>>> {
        let order = self.next_order.get();
        self.next_order.set(order + 1);
        let waker = Rc::new(RefCell::new(Some(waker)));
        self.heap.borrow_mut().push(Reverse(Waiting {
            due_ns,
            order,
            waker: Rc::clone(&waker),
        }));
        if due_ns < self.armed_ns.get() {
            self.arm(due_ns)?;
        }
        Ok(waker)
    }

    fn arm(&self, due_ns: u64) -> io::Result<()> {
        self.armed_ns.set(due_ns);
        let setting = Itimerspec {
            it_interval: Timespec::default(),
            it_value: Timespec {
                tv_sec: (due_ns / NS_PER_S).cast_signed(),
                tv_nsec: (due_ns % NS_PER_S).cast_signed(),
            },
        };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::ABSTIME, &setting)?;
        Ok(())
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if monotonic_ns() >= self.due_ns {
            return Poll::Ready(());
        }
        match &self.waker {
            Some(waker) => *waker.borrow_mut() = Some(context.waker().clone()),
            None => match self.hub.0.push(self.due_ns, context.waker().clone()) {
                Ok(waker) => self.waker = Some(waker),
                Err(error) => {
                    tell!("loopmark mock: a reply is not held, the timer failed: {error}");
                    return Poll::Ready(());
                }
            },
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    /// The heap keeps a cancelled wait until its deadline, without anyone to wake.
    fn drop(&mut self) {
        if let Some(waker) = &self.waker {
            waker.borrow_mut().take();
        }
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> std::cmp::Ordering {
        (self.due_ns, self.order).cmp(&(other.due_ns, other.order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn with_hub<F: Future>(test: impl FnOnce(Hub) -> F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async { test(Hub::start().unwrap()).await })
    }

    #[test]
    fn waits_end_in_the_order_of_their_deadlines_and_never_early() {
        let ended = with_hub(|hub| async move {
            let start_ns = monotonic_ns();
            let ended = Rc::new(RefCell::new(Vec::new()));
            let waits: Vec<_> = [30, 10, 20, 10]
                .into_iter()
                .enumerate()
                .map(|(which, ms)| {
                    let (wait, ended) = (hub.wait_until(start_ns + ms * MS), Rc::clone(&ended));
                    tokio::task::spawn_local(async move {
                        wait.await;
                        assert!(monotonic_ns() >= start_ns + ms * MS);
                        ended.borrow_mut().push(which);
                    })
                })
                .collect();
            for wait in waits {
                wait.await.unwrap();
            }
            ended.take()
        });
        assert_eq!(ended, [1, 3, 2, 0]);
    }

    #[test]
    fn a_deadline_that_has_passed_does_not_wait() {
        with_hub(|hub| async move {
            hub.wait_until(monotonic_ns()).await;
            assert!(hub.0.heap.borrow().is_empty());
        });
    }

    #[test]
    fn a_cancelled_wait_wakes_nobody_and_holds_up_no_other() {
        with_hub(|hub| async move {
            let start_ns = monotonic_ns();
            tokio::select! {
                biased;
                () = hub.wait_until(start_ns + 10 * MS) => panic!("too early"),
                () = std::future::ready(()) => {}
            }
            assert_eq!(hub.0.heap.borrow().len(), 1);
            hub.wait_until(start_ns + 20 * MS).await;
            assert!(monotonic_ns() >= start_ns + 20 * MS);
            hub.wait_until(start_ns + 30 * MS).await;
            assert!(
                hub.0.heap.borrow().len() <= 1,
                "only the last one may wait for its turn"
            );
        });
    }
}

//! A network namespace with only a loopback device: what a runner sends elsewhere goes nowhere, and is counted.
//!
//! The mock creates one for each trial and listens in it; the supervisor enters it before it starts the runner. A process
//! without `CAP_SYS_ADMIN` also gets a user namespace, in which user and group keep their numbers, so that file
//! ownership does not change.

use std::fs::File;
use std::io;

use nix::sched::{CloneFlags, setns, unshare};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};

// From `linux/rtnetlink.h`, `linux/netlink.h` and `linux/if.h`.
const RTM_NEWLINK: u16 = 16;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_ACK: u16 = 4;
const IFF_UP: u32 = 1;
/// The loopback device is the first one of every network namespace.
const LOOPBACK_INDEX: i32 = 1;
/// The length of a netlink header, and of the header with the `ifinfomsg` behind it.
const HEADER_BYTES: usize = 16;
const MESSAGE_BYTES: usize = 32;

/// Moves this process, which must have a single thread, into a new network namespace and brings up the loopback device.
/// Existing sockets stay in their namespace.
///
/// # Errors
///
/// If the system allows neither this nor a user namespace to do it in.
pub fn create() -> io::Result<()> {
    if unshare(CloneFlags::CLONE_NEWNET).is_err() {
        let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
        // The kernel requires this before a group may be mapped without privileges.
        std::fs::write("/proc/self/setgroups", "deny")?;
        let map = |id: u32| format!("{id} {id} 1");
        std::fs::write("/proc/self/uid_map", map(user.as_raw()))?;
        std::fs::write("/proc/self/gid_map", map(group.as_raw()))?;
    }
    switch_loopback_on()
}

/// Moves this process, which must have a single thread, into the network namespace of another one, and into its user
/// namespace too if that differs from this process's.
///
/// # Errors
///
/// If the process has ended or the system does not allow it.
pub fn enter(pid: u32) -> io::Result<()> {
    // Both must be opened before either is entered: afterwards `/proc` may refuse.
    let open = |kind: &str| File::open(format!("/proc/{pid}/ns/{kind}"));
    let (user, network) = (open("user")?, open("net")?);
    let own_user = std::fs::read_link("/proc/self/ns/user")?;
    if std::fs::read_link(format!("/proc/{pid}/ns/user"))? != own_user {
        setns(user, CloneFlags::CLONE_NEWUSER)?;
    }
    setns(network, CloneFlags::CLONE_NEWNET)?;
    Ok(())
}

/// Asks the kernel to set `IFF_UP` on the loopback device, and waits for its answer.
fn switch_loopback_on() -> io::Result<()> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None,
    )?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&socket, &switch_on_message(), SendFlags::empty(), &kernel)?;
    let mut answer = [0; 256];
    let (_, length) = recv(&socket, &mut answer, RecvFlags::empty())?;
    // Behind the header of an NLMSG_ERROR stands 0 or a negative error number.
    let code = answer
        .get(..length)
        .and_then(|answer| answer.get(HEADER_BYTES..HEADER_BYTES + 4));
    match code
        .and_then(|code| code.try_into().ok())
        .map(i32::from_ne_bytes)
    {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::Error::other(
            "the kernel's answer about the loopback device is too short",
        )),
    }
}

/// A `struct nlmsghdr` followed by a `struct ifinfomsg`.
fn switch_on_message() -> [u8; MESSAGE_BYTES] {
    let mut message = [0; MESSAGE_BYTES];
    let fields: [(usize, &[u8]); 6] = [
        (0, &(MESSAGE_BYTES as u32).to_ne_bytes()),
        (4, &RTM_NEWLINK.to_ne_bytes()),
        (6, &(NLM_F_REQUEST | NLM_F_ACK).to_ne_bytes()),
        (20, &LOOPBACK_INDEX.to_ne_bytes()),
        (24, &IFF_UP.to_ne_bytes()),
        (28, &IFF_UP.to_ne_bytes()),
    ];
    for (at, bytes) in fields {
        message[at..at + bytes.len()].copy_from_slice(bytes);
    }
    message
}

//! Attempts of a runner to reach anything but the mock: frameworks phone home.
//!
//! In a namespace of its own, nothing leaves the machine, and the kernel counts what had no route. In the machine's own
//! network, the sockets of the runner's processes are sampled.

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use procfs::process::{FDTarget, Process};
use rustix::time::{ClockId, clock_gettime};

use crate::system::tree;

/// The share of time that samples may cost; the next one comes within a second in any case.
const LOOK_SHARE: u32 = 100;
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The port of name servers. One on the loopback device counts too, since it forwards to others.
const DNS_PORT: u16 = 53;

/// Attempts to reach something outside a process's network namespace since that was created; `None` if the kernel does
/// not count them.
///
/// They are the packets without a route, and the datagrams to a loopback port on which nobody listens: a local name
/// server can't be reached from a namespace.
///
/// Parsed by hand, because procfs returns nothing at all if a kernel lacks any one of the hundred counters it knows.
pub fn namespace_attempts(pid: u32) -> Option<u64> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/net/{file}")).ok();
    let snmp = read("snmp")?;
    // The file is absent if IPv6 is disabled.
    let snmp6 = read("snmp6").unwrap_or_default();
    let v4 = table_counter(&snmp, "Ip:", "OutNoRoutes")? + table_counter(&snmp, "Udp:", "NoPorts")?;
    let v6 = ["Ip6OutNoRoutes", "Udp6NoPorts"].map(|name| line_counter(&snmp6, name));
    Some(v4 + v6.into_iter().flatten().sum::<u64>())
}

/// A counter of `/proc/net/snmp`, where a line of names precedes a line of numbers, both after the protocol's name.
fn table_counter(snmp: &str, protocol: &str, name: &str) -> Option<u64> {
    let mut lines = snmp.lines().filter(|line| line.starts_with(protocol));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let at = names.split_whitespace().position(|found| found == name)?;
    numbers.split_whitespace().nth(at)?.parse().ok()
}

/// A counter of `/proc/net/snmp6`, which has a name and a number per line.
fn line_counter(snmp6: &str, name: &str) -> Option<u64> {
    let mut lines = snmp6.lines().map(str::split_whitespace);
    let mut found = lines.find_map(|mut words| (words.next()? == name).then_some(words))?;
    found.next()?.parse().ok()
}

/// Samples a process tree's sockets for peers elsewhere. Misses sockets that open and close between two samples.
pub struct SocketWatch {
    root: u32,
    next_look: Instant,
    /// Sockets of other programs, by inode.
    others: HashSet<u64>,
    found: HashSet<u64>,
    addresses: BTreeSet<SocketAddr>,
}

impl SocketWatch {
    /// For the process `root` and its descendants.
    pub fn new(root: u32) -> SocketWatch {
        SocketWatch {
            root,
            next_look: Instant::now(),
            others: HashSet::new(),
            found: HashSet::new(),
            addresses: BTreeSet::new(),
        }
    }

    /// Takes a sample, unless the last one is too recent for what it cost.
    pub fn look(&mut self) {
        if Instant::now() < self.next_look {
            return;
        }
        let before = thread_cpu_time();
        self.look_now();
        let pause = thread_cpu_time().saturating_sub(before) * LOOK_SHARE;
        self.next_look = Instant::now() + pause.min(LONGEST_PAUSE);
    }

    fn look_now(&mut self) {
        let mut outward = outward_sockets(self.root);
        outward.retain(|(inode, _)| !self.others.contains(inode) && !self.found.contains(inode));
        if outward.is_empty() {
            return;
        }
        let own = sockets_of_tree(self.root);
        for (inode, peer) in outward {
            if own.contains(&inode) {
                self.found.insert(inode);
                self.addresses.insert(peer);
            } else {
                self.others.insert(inode);
            }
        }
    }

    /// The number of sockets seen, and their peers.
    pub fn finish(self) -> (u64, Vec<SocketAddr>) {
        (
            self.found.len() as u64,
            self.addresses.into_iter().collect(),
        )
    }
}

fn thread_cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// The sockets in a process's network namespace whose peer is not on this machine, or is a name server: their inodes and
/// peers.
fn outward_sockets(pid: u32) -> Vec<(u64, SocketAddr)> {
    let Some(process) = i32::try_from(pid)
        .ok()
        .and_then(|pid| Process::new(pid).ok())
    else {
        return Vec::new();
    };
    // The files of IPv6 are absent if it is disabled.
    let tcp = [process.tcp(), process.tcp6()].into_iter().flatten();
    let tcp = tcp
        .flatten()
        .map(|socket| (socket.inode, socket.remote_address));
    let udp = [process.udp(), process.udp6()].into_iter().flatten();
    let udp = udp
        .flatten()
        .map(|socket| (socket.inode, socket.remote_address));
    let tcp = tcp.filter(|(_, peer)| is_outward(peer, false));
    tcp.chain(udp.filter(|(_, peer)| is_outward(peer, true)))
        .collect()
}

fn is_outward(peer: &SocketAddr, is_udp: bool) -> bool {
    let ip = peer.ip().to_canonical();
    let is_name_server = is_udp && peer.port() == DNS_PORT;
    !ip.is_unspecified() && (!ip.is_loopback() || is_name_server)
}

/// The inodes of the sockets that a process and its descendants have open.
fn sockets_of_tree(root: u32) -> HashSet<u64> {
    let processes = tree(root).into_iter();
    let processes = processes.filter_map(|pid| Process::new(i32::try_from(pid).ok()?).ok());
    let files = processes.filter_map(|process| process.fd().ok()).flatten();
    let inodes = files.filter_map(|file| match file.ok()?.target {
        FDTarget::Socket(inode) => Some(inode),
        _ => None,
    });
    inodes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read_by_their_format() {
        let snmp = "Ip: Forwarding OutNoRoutes ReasmFails\nIp: 1 7 0\nUdp: InDatagrams NoPorts\nUdp: 5 2\n";
        assert_eq!(table_counter(snmp, "Ip:", "OutNoRoutes"), Some(7));
        assert_eq!(table_counter(snmp, "Udp:", "NoPorts"), Some(2));
        assert_eq!(table_counter(snmp, "Ip:", "Nothing"), None);
        let snmp6 = "Ip6InReceives   3\nIp6OutNoRoutes  \t 4\n";
        assert_eq!(line_counter(snmp6, "Ip6OutNoRoutes"), Some(4));
        assert_eq!(line_counter(snmp6, "Udp6NoPorts"), None);
    }

    #[test]
    fn what_stays_on_the_machine_is_not_outward_but_a_name_server_is() {
        let is = |peer: &str, is_udp| is_outward(&peer.parse().unwrap(), is_udp);
        assert!(is("198.51.100.7:443", false));
        assert!(!is("127.0.0.1:443", false) && !is("[::1]:443", false));
        assert!(
            !is("[::ffff:127.0.0.1]:443", false),
            "IPv4 on an IPv6 socket"
        );
        assert!(!is("0.0.0.0:0", true), "a socket without a peer");
        assert!(is("127.0.0.53:53", true));
    }

    #[test]
    fn a_socket_of_this_process_is_found_among_those_of_its_tree() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let link = std::os::fd::AsRawFd::as_raw_fd(&listener);
        let link = std::fs::read_link(format!("/proc/self/fd/{link}")).unwrap();
        let own = sockets_of_tree(std::process::id());
        let is_it = |inode: &u64| format!("socket:[{inode}]") == link.to_string_lossy();
        assert!(own.iter().any(is_it), "{link:?} is not among {own:?}");
    }

    #[test]
    fn a_datagram_socket_whose_peer_is_a_name_server_is_seen_with_its_inode() {
        let server = (std::net::Ipv4Addr::LOCALHOST, DNS_PORT).into();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        // Nothing is sent: the kernel only notes the peer.
        socket.connect(server).unwrap();
        let own = sockets_of_tree(std::process::id());
        let seen = outward_sockets(std::process::id());
        let is_it = |(inode, peer): &(u64, SocketAddr)| own.contains(inode) && *peer == server;
        assert!(seen.iter().any(is_it), "{seen:?}");
        assert_eq!(outward_sockets(u32::MAX), []);
    }
}

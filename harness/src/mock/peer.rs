//! Whether a client that sends no more still reads: a socket that was closed looks like one whose sending half was shut
//! down, so the kernel is asked for the client's own socket.
//!
//! The kernel answers for sockets of this machine (of this network namespace), where mock and runner are. Of a client on
//! another machine nothing is known until something is written to it.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

/// `SOCK_DIAG_BY_FAMILY` of `linux/sock_diag.h`.
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST` of `linux/netlink.h`.
const REQUEST: u16 = 1;
/// `NLMSG_ERROR`.
const ERROR: u16 = 2;
const ENOENT: i32 = 2;
const TCP: u8 = 6;
const FAMILY_V4: u8 = 2;
const FAMILY_V6: u8 = 10;
/// A header and a `struct inet_diag_req_v2`.
const REQUEST_BYTES: u32 = 16 + 56;
/// Of `idiag_inode` in an answer: a header, four bytes, a socket's id, and four numbers.
const INODE_AT: usize = 16 + 4 + 48 + 16;

/// Asks the kernel for the sockets of clients.
pub(super) struct Peers(Option<OwnedFd>);

/// What the kernel knows of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A process has it open.
    Open,
    /// The kernel still has it, but no process.
    Orphan,
    /// There is none.
    None,
    /// The kernel does not say.
    Unknown,
}

impl Peers {
    /// Sockets of this process's network namespace.
    pub fn new() -> Peers {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        );
        Peers(socket.ok())
    }

    /// Whether the client of a connection still reads, for all that is known.
    pub fn still_reads(&self, server: SocketAddr, client: SocketAddr) -> bool {
        let ip = client.ip().to_canonical();
        let is_of_this_machine = ip.is_loopback() || ip == server.ip().to_canonical();
        match self.find(client, server) {
            Found::Open => true,
            Found::Orphan => false,
            Found::None => !is_of_this_machine,
            // Most clients that end a connection are gone.
            Found::Unknown => false,
        }
    }

    /// Looks for the socket with this address that is connected to `remote`.
    fn find(&self, local: SocketAddr, remote: SocketAddr) -> Found {
        let Some(socket) = &self.0 else {
            return Found::Unknown;
        };
        let request = request(local, remote);
        let mut answer = [0; 512];
        // The kernel answers before `send` returns.
        let asked = send(socket, &request, SendFlags::DONTWAIT)
            .and_then(|_| recv(socket, &mut answer[..], RecvFlags::DONTWAIT));
        match asked {
            Ok((_, bytes)) => read(answer.get(..bytes).unwrap_or_default()),
            Err(_) => Found::Unknown,
        }
    }
}

/// A `struct nlmsghdr` and a `struct inet_diag_req_v2`.
fn request(local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let mut request = Vec::with_capacity(REQUEST_BYTES as usize);
    request.extend(REQUEST_BYTES.to_ne_bytes());
    request.extend(BY_FAMILY.to_ne_bytes());
    request.extend(REQUEST.to_ne_bytes());
    // The sequence number, and the sender, which the kernel fills in.
    request.extend([0; 8]);
    let is_v4 = local.is_ipv4();
    request.extend([if is_v4 { FAMILY_V4 } else { FAMILY_V6 }, TCP, 0, 0]);
    // Sockets in every state.
    request.extend(u32::MAX.to_ne_bytes());
    request.extend(local.port().to_be_bytes());
    request.extend(remote.port().to_be_bytes());
    for ip in [local.ip(), remote.ip()] {
        match ip {
            IpAddr::V4(ip) => {
                request.extend(ip.octets());
                request.extend([0; 12]);
            }
            IpAddr::V6(ip) => request.extend(ip.octets()),
        }
    }
    // Any device, and no cookie.
    request.extend([0; 4]);
    request.extend([0xff; 8]);
    request
}

fn read(answer: &[u8]) -> Found {
    let Some(kind) = answer.get(4..6).and_then(|kind| kind.try_into().ok()) else {
        return Found::Unknown;
    };
    let number = |at: usize| {
        let bytes: Option<[u8; 4]> = answer.get(at..at + 4).and_then(|part| part.try_into().ok());
        bytes.map(u32::from_ne_bytes)
    };
    match u16::from_ne_bytes(kind) {
        BY_FAMILY => match number(INODE_AT) {
            Some(0) => Found::Orphan,
            Some(_) => Found::Open,
            None => Found::Unknown,
        },
        ERROR if number(16).map(u32::cast_signed) == Some(-ENOENT) => Found::None,
        _ => Found::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::*;

    /// A client and the server's side of its connection.
    fn connected(listen: &str) -> Option<(TcpStream, TcpStream)> {
        let listener = TcpListener::bind(listen).ok()?;
        let port = listener.local_addr().unwrap().port();
        let host = if listen.starts_with("[::1]") {
            "::1"
        } else {
            "127.0.0.1"
        };
        let client = TcpStream::connect((host, port)).unwrap();
        Some((client, listener.accept().unwrap().0))
    }

    #[test]
    fn a_client_that_has_shut_its_sending_half_down_reads_until_it_is_closed() {
        let peers = Peers::new();
        // The second one has a client of IPv4 on a socket of IPv6.
        for listen in ["127.0.0.1:0", "[::]:0", "[::1]:0"] {
            let Some((client, mut server)) = connected(listen) else {
                continue;
            };
            let (here, there) = (server.local_addr().unwrap(), server.peer_addr().unwrap());
            client.shutdown(Shutdown::Write).unwrap();
            assert_eq!(server.read(&mut [0]).unwrap(), 0);
            assert!(peers.still_reads(here, there), "{listen}");
            // Asking changes nothing.
            assert!(peers.still_reads(here, there), "{listen}");
            drop(client);
            assert!(!peers.still_reads(here, there), "{listen}");
        }
    }

    #[test]
    fn a_client_that_is_gone_does_not_read() {
        let (client, mut server) = connected("127.0.0.1:0").unwrap();
        let (here, there) = (server.local_addr().unwrap(), server.peer_addr().unwrap());
        drop(client);
        assert_eq!(server.read(&mut [0]).unwrap(), 0);
        assert!(!Peers::new().still_reads(here, there));
        assert!(!Peers(None).still_reads(here, there));
    }

    #[test]
    fn nothing_is_known_of_another_machine() {
        let (here, there) = ("192.0.2.1:80".parse(), "192.0.2.2:4000".parse());
        assert!(Peers::new().still_reads(here.unwrap(), there.unwrap()));
    }
}

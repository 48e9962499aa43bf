//! Where a mock listens, and by which URL a client reaches it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// A host, by address or name, and a port: `127.0.0.1:8080`, `localhost:8080`, `[::1]:0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    Name(String),
}

/// Why a text is not a [`ListenAddress`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not HOST:PORT, such as 127.0.0.1:8080, localhost:8080 or [::1]:0")]
pub struct NotAnAddress(String);

impl ListenAddress {
    /// The addresses that it stands for, in the order in which they are to be tried: IPv4 first, because a client that is
    /// given a number needs no resolver and most take IPv4.
    ///
    /// # Errors
    ///
    /// A name that the system can't resolve.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let name = match &self.host {
            Host::Ip(ip) => return Ok(vec![SocketAddr::new(*ip, self.port)]),
            Host::Name(name) => name,
        };
        // Always the loopback device (RFC 6761, 6.3), also where a machine has no /etc/hosts.
        if name.eq_ignore_ascii_case("localhost") {
            let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return Ok(loopback.map(|ip| SocketAddr::new(ip, self.port)).to_vec());
        }
        let mut addresses: Vec<SocketAddr> =
            (name.as_str(), self.port).to_socket_addrs()?.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.dedup();
        if addresses.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the name has no address",
            ));
        }
        Ok(addresses)
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> ListenAddress {
        ListenAddress {
            host: Host::Ip(address.ip()),
            port: address.port(),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<ListenAddress, NotAnAddress> {
        if let Ok(address) = SocketAddr::from_str(text) {
            return Ok(address.into());
        }
        let not_an_address = || NotAnAddress(text.to_owned());
        let (name, port) = text.rsplit_once(':').ok_or_else(not_an_address)?;
        // An IPv6 address without brackets has more colons.
        if name.is_empty()
            || name.contains([':', '/', '[', ']', '@'])
            || name.contains(char::is_whitespace)
        {
            return Err(not_an_address());
        }
        Ok(ListenAddress {
            host: Host::Name(name.to_owned()),
            port: port.parse().map_err(|_| not_an_address())?,
        })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(ip) => SocketAddr::new(*ip, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

/// The OpenAI base URL of a server that listens there.
pub(super) fn base_url(listening: SocketAddr) -> String {
    format!("http://{}/v1", reached_at(listening))
}

/// The address by which a server is reached that listens there: one that stands for all of a machine's addresses is
/// reached by the loopback device's.
pub(crate) fn reached_at(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_read_and_shown_as_they_were_written() {
        for text in [
            "127.0.0.1:8080",
            "0.0.0.0:0",
            "[::1]:0",
            "[::]:80",
            "localhost:8080",
            "my-host.lan:1",
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        for text in [
            "",
            "localhost",
            "8080",
            ":8080",
            "::1:8080",
            "localhost:",
            "localhost:66000",
            "http://localhost:1",
            "a b:1",
            "[::1]",
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(
                error.to_string().contains("is not HOST:PORT"),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn a_name_is_resolved_ipv4_first_and_keeps_its_port() {
        let localhost: ListenAddress = "localhost:8080".parse().unwrap();
        let addresses = localhost.resolve().unwrap();
        assert!(
            addresses
                .iter()
                .all(|address| address.ip().is_loopback() && address.port() == 8080)
        );
        assert!(
            addresses.is_sorted_by_key(SocketAddr::is_ipv6),
            "{addresses:?}"
        );
        let ip: ListenAddress = "[::1]:7".parse().unwrap();
        assert_eq!(ip.resolve().unwrap(), ["[::1]:7".parse().unwrap()]);
    }

    #[test]
    fn a_base_url_is_one_that_a_client_can_use() {
        for (listening, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080/v1"),
            ("[::]:8080", "http://[::1]:8080/v1"),
            ("[::1]:8080", "http://[::1]:8080/v1"),
            ("192.0.2.7:80", "http://192.0.2.7:80/v1"),
        ] {
            assert_eq!(base_url(listening.parse().unwrap()), url);
        }
    }
}

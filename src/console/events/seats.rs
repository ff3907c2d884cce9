//! How many streams there may be: so many in all, and so many from one address. Whoever finds no seat asks again
//! later, and its page asks for news by itself meanwhile.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Streams in all. The listener has as many connections more, so that full seats take none from the other pages.
pub(in super::super) const STREAMS: usize = 200;
/// Streams from one address.
const FROM_ONE: usize = 20;

/// Who sits, by address.
#[derive(Debug, Default)]
pub(super) struct Seats(Mutex<HashMap<IpAddr, usize>>);

impl Seats {
    /// A seat, given back when it is dropped; `None` when there is none left.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let address = household(address);
        let mut sitting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sitting.values().sum::<usize>() >= STREAMS {
            return None;
        }
        let here = sitting.entry(address).or_default();
        if *here >= FROM_ONE {
            return None;
        }
        *here += 1;
        Some(Seat { seats: Arc::clone(self), address })
    }
}

/// One end of a network: an address, of IPv6 the network of 64 bits that one client has whole.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A taken seat.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sitting = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = sitting.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                sitting.remove(&self.address);
            }
        }
    }
}

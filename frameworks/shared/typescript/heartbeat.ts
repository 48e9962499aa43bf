// The heartbeat: how late the event loop wakes what waits on it.

import { monotonicNs, wholeMs } from "./clock.ts";

const HEARTBEAT_NS = 10_000_000n;

/** The first multiple of the heartbeat's period since its beginning that is after now. */
export function nextBeatNs(beganNs: bigint, nowNs: bigint): bigint {
  return beganNs + ((nowNs - beganNs) / HEARTBEAT_NS + 1n) * HEARTBEAT_NS;
}

/**
 * Sleeps on the event loop to multiples of 10 ms until it is stopped, which tells how late each beat was, in µs. A
 * beat that was missed is not made up for.
 */
export function startHeartbeat(): () => Uint32Array {
  const beganNs = monotonicNs();
  let late = new Uint32Array(1024);
  let beats = 0;
  let dueNs = nextBeatNs(beganNs, beganNs);
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(wake, wholeMs(dueNs - monotonicNs()));
  };
  const wake = () => {
    const nowNs = monotonicNs();
    if (nowNs >= dueNs) {
      if (beats === late.length) {
        const longer = new Uint32Array(2 * beats);
        longer.set(late);
        late = longer;
      }
      late[beats++] = Number((nowNs - dueNs) / 1000n);
      dueNs = nextBeatNs(beganNs, nowNs);
    }
    arm();
  };
  arm();
  return () => {
    clearTimeout(timer);
    return late.subarray(0, beats);
  };
}

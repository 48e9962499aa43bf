// The clock of all stamps, waiting for a time of it, and the heartbeat.

const HEARTBEAT_NS = 10_000_000n;

/** The time of `CLOCK_MONOTONIC`: one clock for all processes of a machine. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

/**
 * Resolves when the time has come, never before. Node's timers have whole milliseconds, so it is late by up to about
 * one; a thread that waits better would count as the framework's memory.
 */
export async function until(dueNs: bigint): Promise<void> {
  for (let early = dueNs - monotonicNs(); early > 0n; early = dueNs - monotonicNs()) {
    await new Promise((resolve) => setTimeout(resolve, wholeMs(early)));
  }
}

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

/** Milliseconds for a timer. */
function wholeMs(ns: bigint): number {
  return Math.max(1, Math.round(Number(ns) / 1e6));
}

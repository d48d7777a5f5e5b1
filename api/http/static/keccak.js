/**
 * Keccak-256, as Ethereum has it (padding 0x01), on halves of 32 bits.
 *
 * Source: The Keccak reference, version 3.0, sections 1.2 and 2.1.
 */

const RATE = 136;
const [CONSTANTS, TURNS, PLACES] = tables();

/** Give the hash of bytes, 32 bytes. */
export function keccak256(message) {
  const padded = new Uint8Array((Math.floor(message.length / RATE) + 1) * RATE);
  padded.set(message);
  padded[message.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const state = new Uint32Array(50); // lane i: low half at 2i, high half at 2i + 1
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += RATE) {
    for (let i = 0; i < RATE / 4; i += 1) state[i] ^= view.getUint32(at + 4 * i, true);
    permute(state);
  }
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 8; i += 1) out.setUint32(4 * i, state[i], true);
  return digest;
}

function permute(state) {
  const columns = new Uint32Array(10);
  const moved = new Uint32Array(50);
  for (const [low, high] of CONSTANTS) {
    for (let i = 0; i < 10; i += 1) {
      columns[i] = state[i] ^ state[i + 10] ^ state[i + 20] ^ state[i + 30] ^ state[i + 40];
    }
    for (let x = 0; x < 5; x += 1) {
      const [left, right] = [2 * ((x + 4) % 5), 2 * ((x + 1) % 5)];
      const [a, b] = turn(columns[right], columns[right + 1], 1);
      for (let lane = 2 * x; lane < 50; lane += 10) {
        state[lane] ^= columns[left] ^ a;
        state[lane + 1] ^= columns[left + 1] ^ b;
      }
    }
    for (let lane = 0; lane < 25; lane += 1) {
      const [a, b] = turn(state[2 * lane], state[2 * lane + 1], TURNS[lane]);
      moved[2 * PLACES[lane]] = a;
      moved[2 * PLACES[lane] + 1] = b;
    }
    for (let row = 0; row < 50; row += 10) {
      for (let i = 0; i < 10; i += 1) {
        const [next, after] = [row + ((i + 2) % 10), row + ((i + 4) % 10)];
        state[row + i] = moved[row + i] ^ (~moved[next] & moved[after]);
      }
    }
    state[0] ^= low;
    state[1] ^= high;
  }
}

function turn(low, high, count) {
  if (count === 0) return [low, high];
  if (count >= 32) return turn(high, low, count - 32);
  return [
    (low << count) | (high >>> (32 - count)),
    (high << count) | (low >>> (32 - count)),
  ];
}

/** Give round constants, and for each lane how far it turns and where it goes. */
function tables() {
  const constants = [];
  let bits = 1;
  for (let round = 0; round < 24; round += 1) {
    const halves = [0, 0];
    for (let j = 0; j < 7; j += 1) {
      const place = 2 ** j - 1;
      if (bits & 1) halves[place >> 5] |= 1 << (place & 31);
      bits = bits & 0x80 ? ((bits << 1) ^ 0x71) & 0xff : bits << 1;
    }
    constants.push(halves);
  }
  const [turns, places] = [new Array(25).fill(0), new Array(25).fill(0)];
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t += 1) {
    turns[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  for (let lane = 0; lane < 25; lane += 1) {
    const [column, row] = [lane % 5, Math.floor(lane / 5)];
    places[lane] = row + 5 * ((2 * column + 3 * row) % 5);
  }
  return [constants, turns, places];
}

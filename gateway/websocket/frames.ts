import type { Socket } from "node:net";
import type { LiveEvent } from "../subscriptions/live-event.ts";

const HEAD = Buffer.from('{"type":"next","payload":');
const ID = Buffer.from(',"id":');
const FINAL_TEXT = 0x81;

/** The end of a message, which alone differs between those who get the same event: in ASCII, so that it has as many bytes. */
export const addressOf = (id: string): string =>
  `${JSON.stringify(id)}}`.replaceAll(NOT_ASCII, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

const NOT_ASCII = /[^\0-\x7f]/g;

/**
 * Writes an event as one unmasked WebSocket frame. Whoever has an id of the same length shares the frame: only
 * its end is overwritten, because the kernel has taken the bytes when `write` returns. Bytes that it has not
 * taken stay as they are, and the next one gets a copy. Encrypted sockets may read later: they always do.
 */
export function writeEvent(
  { raw, isEncrypted }: { raw: Socket; isEncrypted: boolean },
  event: LiveEvent,
  address: string,
): void {
  const { length } = address;
  let frame = event.bytes.get(length);
  if (!frame) {
    frame = frameFor(event.text, length);
    event.bytes.set(length, frame);
  }
  frame.write(address, frame.length - length, "latin1");
  raw.write(frame);
  if (isEncrypted || raw.writableLength > 0) event.bytes.set(length, Buffer.from(frame));
}

function frameFor(text: string, addressLength: number): Buffer {
  const textLength = Buffer.byteLength(text);
  const header = headerFor(HEAD.length + textLength + ID.length + addressLength);
  // A buffer of its own: slices of Node's pool would keep the pool alive.
  const frame = Buffer.allocUnsafeSlow(header.length + HEAD.length + textLength + ID.length + addressLength);
  let at = header.copy(frame, 0);
  at += HEAD.copy(frame, at);
  at += frame.write(text, at, "utf8");
  ID.copy(frame, at);
  return frame;
}

function headerFor(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 255]);
  const header = Buffer.alloc(10);
  header[0] = FINAL_TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

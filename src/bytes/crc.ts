type Checksum = (bytes: Uint8Array, previous?: number) => number;

/** Cyclic redundancy checks of 32 bits, by their reflected polynomial. */
function crcOf(polynomial: number): Checksum {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
    return remainder;
  });
  return (bytes, previous = 0) => {
    let crc = ~previous;
    for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}

/**
 * CRC-32, the checksum of ZIP and PNG (ISO 3309).
 *
 * @example crc32(new TextEncoder().encode('123456789')) // 0xcbf43926
 */
export const crc32: Checksum = /* @__PURE__ */ crcOf(0xedb88320);

/**
 * CRC-32C (Castagnoli), the checksum of TFRecord and iSCSI (RFC 3720, B.4). `previous` is the checksum of the bytes before these.
 *
 * @example crc32c(new TextEncoder().encode('123456789')) // 0xe3069283
 */
export const crc32c: Checksum = /* @__PURE__ */ crcOf(0x82f63b78);

const encoder = new TextEncoder();
// A byte order mark inside a value is part of the value.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const plain = /^[\0-\x7f]*$/;

/** Returns the UTF-8 bytes of a text, one character per byte: what facts are compared with. */
export function bytesOf(text: string): string {
  if (plain.test(text)) return text;
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** Returns the text that bytes mean in UTF-8; whatever is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: string): string {
  if (plain.test(bytes)) return bytes;
  return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

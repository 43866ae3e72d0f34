/**
 * Returns after how many seconds of idleness the sender of a `Keep-Alive` field closes the
 * connection (RFC 2068 section 19.7.1, which everybody still writes); undefined where it does
 * not say.
 */
export function keepAliveSeconds(value: string | undefined): number | undefined {
  const digits =
    value === undefined ? undefined : /(?:^|[,;\s])timeout=(\d{1,6})/i.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

import { durationMs as written } from '#core/document/duration-ms';

/** Returns milliseconds for `250ms`, `10s`, `5m`, `24h`, `7d` or a plain `0`; else undefined. */
export function durationMs(text: string): number | undefined {
  return text === '0' ? 0 : written(text);
}

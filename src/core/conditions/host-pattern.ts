import * as z from 'zod';
import { parseAddress } from '#core/address/parse-address';
import { mustBe } from './expectation.ts';

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const isHost = 'a host name such as shop.example.com, or *.example.com for all below it';

/** Whether a text is a host: a name, an IPv4 address, or an IPv6 address in brackets. */
export function isHostName(host: string): boolean {
  if (host.startsWith('[')) {
    return (
      host.endsWith(']') && host.includes(':') && parseAddress(host.slice(1, -1)) !== undefined
    );
  }
  const labels = host.split('.');
  if (host.length > 253 || !labels.every((part) => label.test(part))) return false;
  // What ends in a number is read as IPv4 by URL parsers (WHATWG URL, "ends in a number").
  return /^\d+$/.test(labels.at(-1) ?? '') ? parseAddress(host) !== undefined : true;
}

/** A host or `*.suffix`, in lower case. */
export const hostPattern = z
  .string({ error: mustBe('TN2015', isHost) })
  .superRefine((text, context) => {
    if (isHostName(text.startsWith('*.') ? text.slice(2) : text)) return;
    context.addIssue({ code: 'custom', message: mustBe('TN2015', isHost, hintFor(text)) });
  })
  .transform((text) => text.toLowerCase());

function hintFor(text: string): string | undefined {
  if (text === '*') return 'leave host out to take every host';
  if (/^https?:\/\//.test(text)) return 'only the host: no scheme, no path';
  if (/^[^:]+:\d+$/.test(text)) return `the port is ignored; write "${text.replace(/:\d+$/, '')}"`;
  if (/[^\0-\x7f]/.test(text)) return 'names outside ASCII are written as xn--…';
  if (text.includes('*')) return '* stands for one or more whole labels, at the start only';
  return text.endsWith('.') ? 'leave the dot at the end out' : undefined;
}

import type { Outcome } from './ask.ts';

/** Whether a proxy did with a request of the matrix what is to be done, by the request's name. */
type Judge = (outcome: Outcome) => boolean;

/** No request was whole behind it. */
export const isRefused: Judge = ({ requests }) => requests === 0;

const isServed: Judge = ({ answer, requests }) =>
  requests > 0 && /^HTTP\/1\.[01] 200 /.test(answer);
const served =
  (part: RegExp): Judge =>
  (outcome) =>
    isServed(outcome) && part.test(outcome.forwarded);
const servedWithout =
  (part: RegExp): Judge =>
  (outcome) =>
    isServed(outcome) && !part.test(outcome.forwarded);

/** Requests that must pass, with what must still be there. */
export const passes: Readonly<Record<string, Judge>> = {
  PROPFIND: served(/^PROPFIND \/dav [\s\S]*\babc/),
  'an unknown method': served(/^VERSION-CONTROL \/ /),
  '% in the query': served(/^GET \/\?a=1\?b&c=% /),
  'an escaped slash': served(/^GET \/a%2Fb%2f\.\.%2Fc /),
  'two slashes': served(/^GET \/\/evil\.example\/x /),
  'bytes beyond ASCII in a value': served(/^x: caf\xe9 \xff\x80\r$/im),
  'a body on GET': served(/\babc/),
  'cookies of all kinds': served(/^cookie: ;;=;a=1;;\r$/im),
  trailers: served(/\r\n0\r\n[\s\S]*^x-check: +abc/im),
};

/** Requests that may be served, with what must be gone. */
export const harmless: Readonly<Record<string, Judge>> = {
  'an unknown Upgrade and a pipelined request': (outcome) =>
    !(/^upgrade:/im.test(outcome.forwarded) && outcome.forwarded.includes('/next')),
  h2c: servedWithout(/^upgrade:/im),
  'Connection names a field': servedWithout(/^x-secret:/im),
  // It ends some proxies.
  'Trailer on GET': isServed,
  'twins with underscores': servedWithout(/^x_forwarded_for:/im),
};

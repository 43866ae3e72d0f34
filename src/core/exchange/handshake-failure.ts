/**
 * Why a client's TLS handshake failed; the word is the metric's label and never changes
 * once released.
 */
export const handshakeFailures = [
  'timeout',
  'closed',
  'plain_http',
  'no_common_protocol',
  'no_common_version',
  'no_common_cipher',
  'certificate_refused',
  'malformed',
] as const;

export type HandshakeFailure = (typeof handshakeFailures)[number];

/** By the code that Node gives an error; of alerts only the last word differs by version. */
const byCode: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/^(?:ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/, 'closed'],
  [/^ERR_SSL_HTTP_REQUEST$/, 'plain_http'],
  [/NO_APPLICATION_PROTOCOL$/, 'no_common_protocol'],
  [/(?:UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW)$/, 'no_common_version'],
  [/NO_SHARED_(?:CIPHER|SIGNATURE_ALGORITHMS|GROUPS?)$/, 'no_common_cipher'],
  [
    /ALERT_(?:UNKNOWN_CA|(?:BAD|UNKNOWN)_CERTIFICATE|CERTIFICATE_\w+|ACCESS_DENIED)$/,
    'certificate_refused',
  ],
];

/** Returns the reason for the code of an error. Whatever is not known is no TLS that we know. */
export function handshakeFailureOf(code: string): HandshakeFailure {
  return byCode.find(([pattern]) => pattern.test(code))?.[1] ?? 'malformed';
}

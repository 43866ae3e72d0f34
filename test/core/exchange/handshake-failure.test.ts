import { test } from 'tap';
import { handshakeFailureOf, handshakeFailures } from '#core/exchange/handshake-failure';

// Codes as Node 22 to 26 give them, for errors of the system and of OpenSSL 3.
for (const [code, reason] of [
  ['ECONNRESET', 'closed'],
  ['EPIPE', 'closed'],
  ['ERR_SSL_HTTP_REQUEST', 'plain_http'],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 'no_common_protocol'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'no_common_version'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'no_common_version'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'no_common_cipher'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate_refused'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'certificate_refused'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'certificate_refused'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'malformed'],
  ['ERR_SSL_UNEXPECTED_MESSAGE', 'malformed'],
  ['', 'malformed'],
] as const) {
  test(`"${code}" counts as ${reason}`, async (t) => {
    t.equal(handshakeFailureOf(code), reason);
    t.ok(handshakeFailures.includes(reason));
  });
}

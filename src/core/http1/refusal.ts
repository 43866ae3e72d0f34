interface Reason {
  readonly status: number;
  readonly rfc: string;
  readonly message: string;
}

const because = (status: number, rfc: string, message: string): Reason => ({
  status,
  rfc,
  message,
});

/**
 * Every reason for which the bytes of a message are refused: the answer to a client, what
 * the client is told, and where it is written that they are wrong. Some are forbidden by
 * nobody but read differently by others; then the section is the one that they bend.
 *
 * The word is the same in the log, the metric's label and the answer's body, and never
 * changes once released. For what an upstream sent the status does not count: that is
 * always a 502.
 */
export const refusals = {
  // The request line
  bad_request_line: because(
    400,
    'RFC 9112 section 3',
    'the request line must be method, space, target, space, version',
  ),
  blank_lines: because(
    400,
    'RFC 9112 section 2.2',
    'more than one empty line stands before the request line',
  ),
  bad_method: because(400, 'RFC 9110 section 9.1', 'the method must be a token'),
  unknown_method: because(
    501,
    'RFC 9110 section 9.1',
    'the method must be at most 24 upper-case letters and hyphens',
  ),
  connect_method: because(405, 'RFC 9110 section 9.3.6', 'CONNECT is not served'),
  trace_method: because(405, 'RFC 9110 section 9.3.8', 'TRACE is not served'),
  http2_preface: because(505, 'RFC 9113 section 3.4', 'HTTP/2 is not served on this port'),
  proxy_protocol: because(
    400,
    'RFC 9112 section 3.2',
    'the PROXY protocol is not read on this port',
  ),
  tls_bytes: because(400, 'RFC 9112 section 3', 'TLS is not served on this port'),
  missing_version: because(400, 'RFC 9112 section 3', 'the request line has no version'),
  bad_version: because(400, 'RFC 9112 section 2.3', 'the version must be HTTP/1.0 or HTTP/1.1'),
  unsupported_version: because(
    505,
    'RFC 9110 section 15.6.6',
    'only HTTP/1.0 and HTTP/1.1 are served',
  ),
  bad_target: because(400, 'RFC 9112 section 3.2', 'the target must begin with / or http://'),
  bad_target_byte: because(
    400,
    'RFC 3986 section 2',
    'the target holds a byte that must be escaped',
  ),
  fragment_in_target: because(400, 'RFC 9112 section 3.2', 'the target holds a #'),
  backslash_in_path: because(
    400,
    'RFC 3986 section 3.3',
    'the path holds a backslash that is not escaped',
  ),
  bad_escape: because(
    400,
    'RFC 3986 section 2.1',
    'a % in the path must be followed by two hex digits',
  ),
  null_escape: because(400, 'RFC 3986 section 7.3', 'the path holds %00'),
  dots_above_root: because(400, 'RFC 3986 section 5.2.4', 'the path leaves the root'),
  dot_segment_parameters: because(
    400,
    'RFC 3986 section 3.3',
    'a dot segment of the path has parameters',
  ),
  encoded_slash: because(
    400,
    'RFC 3986 section 2.2',
    'the path holds an escaped slash or backslash',
  ),
  asterisk_without_options: because(
    400,
    'RFC 9112 section 3.2.4',
    'the target * goes with OPTIONS only',
  ),
  userinfo_in_target: because(400, 'RFC 9110 section 4.2.4', 'the target holds a user'),
  target_is_not_host: because(
    400,
    'RFC 9112 section 3.2.2',
    'the target and Host name different hosts',
  ),
  target_too_long: because(414, 'RFC 9110 section 15.5.15', 'the target is longer than 8 KiB'),
  // Field lines
  head_too_large: because(431, 'RFC 6585 section 5', 'the head is too large'),
  too_many_fields: because(431, 'RFC 6585 section 5', 'the head has too many fields'),
  field_too_large: because(431, 'RFC 6585 section 5', 'a field is larger than 8 KiB'),
  bare_cr: because(400, 'RFC 9112 section 2.2', 'a CR is not followed by LF'),
  bare_lf: because(400, 'RFC 9112 section 2.2', 'a line ends with LF instead of CRLF'),
  space_before_field: because(
    400,
    'RFC 9112 section 2.2',
    'white space stands before the first field',
  ),
  line_folding: because(400, 'RFC 9112 section 5.2', 'a field goes on in the next line'),
  empty_field_name: because(400, 'RFC 9110 section 5.1', 'a field has no name'),
  bad_field_name: because(400, 'RFC 9110 section 5.1', 'the name of a field must be a token'),
  space_before_colon: because(
    400,
    'RFC 9112 section 5.1',
    'white space stands between a name and its colon',
  ),
  missing_colon: because(400, 'RFC 9112 section 5', 'a field has no colon'),
  control_in_value: because(400, 'RFC 9110 section 5.5', 'a field holds a control character'),
  // What the fields say
  missing_host: because(400, 'RFC 9112 section 3.2', 'HTTP/1.1 wants a Host'),
  repeated_host: because(400, 'RFC 9112 section 3.2', 'there are two Host fields'),
  bad_host: because(
    400,
    'RFC 9110 section 7.2',
    'Host must be a name or address, and a port or none',
  ),
  bad_content_length: because(400, 'RFC 9110 section 8.6', 'Content-Length must be 1 to 15 digits'),
  repeated_content_length: because(
    400,
    'RFC 9112 section 6.3',
    'there are two Content-Length fields',
  ),
  length_and_coding: because(
    400,
    'RFC 9112 section 6.1',
    'there are both Content-Length and Transfer-Encoding',
  ),
  coding_on_http10: because(400, 'RFC 9112 section 6.1', 'HTTP/1.0 knows no Transfer-Encoding'),
  repeated_coding: because(400, 'RFC 9112 section 6.1', 'there are two Transfer-Encoding fields'),
  bad_coding: because(400, 'RFC 9112 section 6.3', 'Transfer-Encoding must be chunked'),
  unsupported_coding: because(501, 'RFC 9112 section 6.1', 'no coding but chunked is understood'),
  unknown_expectation: because(417, 'RFC 9110 section 10.1.1', 'Expect must be 100-continue'),
  bad_connection_option: because(
    400,
    'RFC 9110 section 7.6.1',
    'an option of Connection must be a token',
  ),
  too_many_connection_options: because(
    400,
    'RFC 9110 section 7.6.1',
    'Connection has more than 16 options',
  ),
  loop: because(508, 'RFC 5842 section 7.2', 'the request has come through too many proxies'),
  head_timeout: because(408, 'RFC 9110 section 15.5.9', 'the head did not come in time'),
  // Chunked bodies
  bad_chunk_size: because(
    400,
    'RFC 9112 section 7.1',
    'the size of a chunk must be 1 to 8 hex digits',
  ),
  bad_chunk_extension: because(
    400,
    'RFC 9112 section 7.1.1',
    'a chunk extension holds a control character',
  ),
  chunk_extension_too_large: because(
    400,
    'RFC 9112 section 7.1.1',
    'chunk extensions are too large',
  ),
  bad_chunk_end: because(400, 'RFC 9112 section 7.1', 'a chunk must end with CRLF'),
  bad_trailer: because(
    400,
    'RFC 9112 section 7.1.2',
    'a trailer must be a name, a colon and a value',
  ),
  trailers_too_large: because(
    400,
    'RFC 9112 section 7.1.2',
    'there are more than 32 trailers or 8 KiB of them',
  ),
  // What asks for a WebSocket
  bad_websocket_key: because(
    400,
    'RFC 6455 section 4.2.1',
    'Sec-WebSocket-Key must be 16 bytes in base64',
  ),
  bad_websocket_version: because(426, 'RFC 6455 section 4.2.2', 'Sec-WebSocket-Version must be 13'),
  // Responses
  bad_status_line: because(
    502,
    'RFC 9112 section 4',
    'the status line must be version, space, status, space, reason',
  ),
  bad_status: because(502, 'RFC 9110 section 15', 'the status must be 100 to 599'),
  framed_interim: because(502, 'RFC 9110 section 8.6', 'an interim response must not have a body'),
  unasked_switch: because(
    502,
    'RFC 9110 section 15.2.2',
    'a 101 answers a request that asked for no upgrade',
  ),
  bad_switch: because(
    502,
    'RFC 6455 section 4.1',
    'a 101 must say websocket and prove that it has read the key',
  ),
} satisfies Record<string, Reason>;

export type Refusal = keyof typeof refusals;

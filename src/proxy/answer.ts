/** Answers that Turnout gives itself, as text: the bytes are latin1. */

const phrases: Readonly<Record<number, string>> = {
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
};

export interface Answer {
  readonly status: number;
  /** Field lines, each with its CRLF. */
  readonly lines?: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface AnswerTo {
  readonly date: string;
  readonly isHead: boolean;
  /** Say that the connection ends. */
  readonly close: boolean;
  /** The client speaks HTTP/1.0 and wants to go on: it must be told that it may. */
  readonly keepAliveAloud: boolean;
}

/** Returns the whole message. */
export function answerText(answer: Answer, to: AnswerTo): string {
  const { status, body = '', lines = '', contentType = 'application/json' } = answer;
  let text = `HTTP/1.1 ${status} ${phrases[status] ?? ''}\r\nDate: ${to.date}\r\n${lines}`;
  if (status !== 204) text += `Content-Length: ${body.length}\r\n`;
  if (body !== '') text += `Content-Type: ${contentType}\r\n`;
  if (to.close) text += 'Connection: close\r\n';
  else if (to.keepAliveAloud) text += 'Connection: keep-alive\r\n';
  return to.isHead ? `${text}\r\n` : `${text}\r\n${body}`;
}

/** Returns the answer for a failure: its code and what it means, never an echo or an address. */
export function failureAnswer(status: number, code: string, message: string, lines = ''): Answer {
  return { status, lines, body: `${JSON.stringify({ error: code, status, message })}\n` };
}

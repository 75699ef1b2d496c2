/** One server-sent event; `event` is empty where the stream names none. */
export interface SseEvent {
  readonly event: string;
  readonly body: Record<string, unknown> | string;
}

/** A whole stream as events; text that is no JSON object stays text. */
export function parseSse(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const field = (name: string): string =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2))
          .join('\n');
      const content = field('data');
      try {
        return { event: field('event'), body: JSON.parse(content) };
      } catch {
        return { event: field('event'), body: content };
      }
    });
}

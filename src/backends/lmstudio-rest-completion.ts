import type { Completion } from '../core/run.ts';
import { type AnswerLine, streamAnswer, takeEvents } from './answer-stream.ts';
import type { CompletionOptions, CompletionRequest } from './backend.ts';
import { chatBody, createChatReader } from './lmstudio-rest-chat.ts';

/** Streams one answer over POST /api/v1/chat. Throws only when nothing was sent. */
export function chat(
  line: AnswerLine,
  request: CompletionRequest,
  options: CompletionOptions,
): Promise<Completion> {
  const order = {
    promptId: request.prompt.id,
    path: '/api/v1/chat',
    body: chatBody(request),
    contentType: 'text/event-stream',
  } as const;
  return streamAnswer(
    line,
    {
      ...order,
      reader: (collector) => {
        const reader = createChatReader(request, collector);
        return { take: takeEvents(reader.take), ending: reader.ending };
      },
    },
    options,
  );
}

import type { LabServer, ServedAnswer } from '../lmstudio/lab.ts';

/** vLLM's counters over all answers so far, each with the label that says whose. Source: vLLM docs/design/metrics.md. */
export function metricsText(lab: LabServer): string {
  const { answers } = lab;
  const sum = (of: (answer: ServedAnswer) => number): number =>
    answers.reduce((total, answer) => total + of(answer), 0);
  const running = lab.engine.loaded().filter(({ status }) => status !== 'idle').length;
  const values: Readonly<Record<string, number>> = {
    num_requests_running: running,
    num_requests_waiting: lab.engine.loaded().reduce((total, { queued }) => total + queued, 0),
    e2e_request_latency_seconds_count: answers.length,
    request_queue_time_seconds_sum: sum((one) => (one.promptStart_s ?? one.ended_s) - one.requested_s),
    request_prefill_time_seconds_sum: sum(
      (one) => (one.firstToken_s ?? one.ended_s) - (one.promptStart_s ?? one.ended_s),
    ),
    request_decode_time_seconds_sum: sum(
      (one) => (one.lastToken_s ?? one.ended_s) - (one.firstToken_s ?? one.ended_s),
    ),
    time_to_first_token_seconds_sum: sum((one) => (one.firstToken_s ?? one.ended_s) - one.requested_s),
    prompt_tokens_total: sum((one) => one.prompt_tok),
    generation_tokens_total: sum((one) => one.output_tok),
    prefix_cache_hits_total: sum((one) => one.cached_tok),
  };
  const lines = Object.entries(values).map(([name, value]) => `vllm:${name}{engine="0"} ${value}`);
  return ['# HELP vllm:num_requests_running Requests on the engine.', ...lines, ''].join('\n');
}

/** A word or phrase that Tepal's texts avoid, with the field's own word for it. */
export interface Rule {
  /** Matched without regard to case, between word boundaries. */
  readonly pattern: string;
  readonly write: string;
}

/** Banned in documents, comments and messages. One entry per row of the word list in CONTRIBUTING.md. */
export const WORDS: readonly Rule[] = [
  { pattern: "(?:monitor|monitoring|engine|evaluator|rules?) built in", write: "built-in monitor" },
  { pattern: "lengths? of time", write: "duration" },
  {
    pattern:
      "(?<!\\b(?:IP|IPv4|IPv6|email|e-mail|remote|local|loopback|bind|listen|client) )address(?:es)?",
    write: "URL, path, endpoint, route (or IP address, host:port)",
  },
  { pattern: "(?:un)?packed|unpack(?:s|ing)?", write: "compressed, decompressed" },
  { pattern: "whole numbers?", write: "integer" },
  {
    pattern: "(?:a|no|each|the|its|one) texts?(?= (?:is|of|that|in|with|for|to)\\b)",
    write: "string",
  },
  { pattern: "texts", write: "strings" },
  { pattern: "stand(?:s|ing)? still|stood still|patience", write: "stalls, is idle, times out" },
  { pattern: "signs? of life", write: "heartbeat" },
  { pattern: "remarks?", write: "warning, notice" },
  { pattern: "mistakes?|mistaken", write: "problem (in input), bug (in code)" },
  {
    pattern: "faults?|faulty",
    write: "problem (in input), bug (in code); a fault is an injected failure",
  },
  { pattern: "judg(?:e|es|ed|ing|ment|ments|ement|ements)", write: "evaluate, check, verdict" },
  { pattern: "breath(?:es)?|breathe", write: "yield" },
  { pattern: "twins?", write: "duplicate" },
  { pattern: "wrong changes?", write: "mutant, mutation test" },
  { pattern: "figures", write: "statistics, counters, measurements" },
  { pattern: "hand(?:s|ed|ing)? back", write: "requeue, return" },
  { pattern: "ask(?:s|ed|ing)?", write: "request, query, send, call" },
  { pattern: "tell(?:s|ing)?|told", write: "notify, log, print, report" },
  { pattern: "sa(?:y|ys|id|ying)", write: "state, show, report, log, print" },
  { pattern: "go(?:es|ing|ne)? on|went on", write: "continue, in progress, running" },
  { pattern: "lanes?", write: "fast path" },
  { pattern: "rooms?|houses?|floors?|doors?", write: "module, layer, entry file" },
  { pattern: "most branches|branches between", write: "maximum tree depth" },
  { pattern: "of all random choices", write: "random seed" },
  {
    pattern: "unless (?:said|told|asked) otherwise|as it is(?=\\s*(?:[.,;:)]|$))",
    write: "by default, unchanged",
  },
  { pattern: "wants?|wanted|wanting", write: "requires, needs, expects" },
  { pattern: "that (?:is|are) over|which (?:is|are) over", write: "finished" },
  { pattern: "where it was", write: "resume" },
  {
    pattern: "who|whom|whoever|somebody|someone|nobody|anybody|everybody",
    write: "client, caller, user, operator, worker",
  },
  { pattern: "whatever|whichever", write: "any" },
  { pattern: "(?:the )?other side", write: "client, server, caller, peer process" },
  {
    pattern: "tak(?:e|es|en|ing) up|took up|th(?:ink|inks|ought) of",
    write: "load, pick up, consider",
  },
  { pattern: "mend(?:s|ed|ing)?|spoil(?:s|t|ed)?", write: "fix; damage, corrupt" },
  { pattern: "likewise", write: "also, in the same way" },
  {
    pattern:
      "(?:do|does|did|is|are|was|were|ca|could|wo|would|should|has|have|had)n['’]t|(?:it|that|there|here|let)['’]s|(?:we|you|they)['’](?:re|ve|ll)",
    write: "the words in full",
  },
];

/** Banned as the first word of a doc comment, of `@param NAME` and of `@returns`. */
export const OPENINGS: readonly Rule[] = [
  {
    pattern: "what|how|of|whether|whoever|who|where|when",
    write: "a verb (Parses …) or a noun phrase; True if …",
  },
];

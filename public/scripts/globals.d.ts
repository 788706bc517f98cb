// Types of what htmx passes to its events: the parts of it that the scripts use.

interface HtmxContext {
  /** The link, form or field that sent the request; the body for Back and Forward. */
  sourceElement: HTMLElement;
  request: { method: string; headers: Record<string, string>; submitter?: HTMLElement | null };
  hx: { redirect?: string; pushurl?: string };
  /** The body of the response. */
  text: string;
  /** Set by `requests.js`: whether the browser was offline when the request was sent. */
  offline?: boolean;
  /** Set by `requests.js`: the timer that reports a slow request. */
  slowTimer?: number;
}

interface HtmxSwapTask {
  fragment: DocumentFragment;
  swapSpec: { show?: string; scroll?: string; scrollTarget?: string };
}

declare const htmx: {
  swap(context: { text: string; sourceElement: Element; target: Element; swap: string; transition: boolean }): Promise<void>;
};

interface DocumentEventMap {
  'htmx:before:request': CustomEvent<{ ctx: HtmxContext }>;
  'htmx:after:request': CustomEvent<{ ctx: HtmxContext }>;
  'htmx:finally:request': CustomEvent<{ ctx: HtmxContext }>;
  'htmx:error': CustomEvent<{ ctx?: HtmxContext }>;
  'htmx:before:swap': CustomEvent<{ ctx: HtmxContext; tasks: HtmxSwapTask[] }>;
}

import { CallError, type Backend } from "../../backend/backend";
import { Question } from "../../backend/question.svelte";
import type { FacetsView, GraphFold, GraphNode, NodeState, SearchView } from "../../backend/types";
import { hitsOf, numbersOf } from "./results";
import { searchStopped } from "./stopped";

/** What steps are filtered by; an empty list lets all through. */
export interface Filter {
  states: readonly NodeState[];
  targets: readonly string[];
  environments: readonly string[];
  groups: readonly string[];
}

/** A list of a filter. */
export type FilterName = keyof Filter;

const NOTHING: Filter = { states: [], targets: [], environments: [], groups: [] };
/** How long typing rests before the core is asked. */
const REST_MS = 120;

/**
 * What is searched for in the open run, and what was found. The core searches: it has the values,
 * errors and logs. Graph, timeline and list show the same.
 */
export class Finder {
  /** Words that a step must hold. */
  text = $state("");
  filter = $state.raw<Filter>(NOTHING);
  /** Whether the search box stands open. */
  shown = $state(false);
  /** What was found. */
  readonly found: Question<SearchView>;
  /** By what can be filtered. */
  readonly facets: Question<FacetsView>;

  readonly #where: () => { run: string | null; environment: string | null };
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend, where: () => { run: string | null; environment: string | null }) {
    this.#where = where;
    this.found = new Question(() => {
      const { run, environment } = where();
      if (!this.active || run === null || environment === null) return null;
      const { states, targets, environments, groups } = this.filter;
      return backend.call("search", {
        run, environment, text: this.text, states: [...states], targets: [...targets],
        environments: [...environments], groups: [...groups],
      });
    });
    this.facets = new Question(() => {
      const { run, environment } = where();
      return run === null || environment === null ? null : backend.call("facets", { run, environment });
    });
  }

  /** Whether anything is searched or filtered for. */
  get active(): boolean {
    return this.text.trim() !== "" || this.filters > 0;
  }

  /** How many filters are set. */
  get filters(): number {
    return Object.values(this.filter).reduce((sum: number, list: readonly string[]) => sum + list.length, 0);
  }

  /** The numbers of the steps found; null while nothing is searched for. */
  readonly numbers = $derived.by(() => {
    const answer = this.found.answer;
    return !this.active || answer === null ? null : numbersOf(answer);
  });

  /** The steps found, in call order. */
  readonly order = $derived.by(() => {
    const answer = this.found.answer;
    return !this.active || answer === null ? [] : answer.steps.map((number) => `${answer.run}:${String(number)}`);
  });

  /** Where in each step the text was found. */
  readonly hits = $derived.by(() => hitsOf(this.found.answer));

  /** Why nothing could be found. */
  get error(): CallError | null {
    return this.active ? this.found.error : null;
  }

  /** Whether a node was found; all are while nothing is searched for. */
  finds(node: GraphNode): boolean {
    if (this.numbers === null) return true;
    if (node.number === null) return this.filters === 0 && searchStopped(node, this.text);
    return this.numbers.has(node.number);
  }

  /** How many steps were found in a fold; null while nothing is searched for. */
  countIn(fold: GraphFold): number | null {
    const numbers = this.numbers;
    if (numbers === null) return null;
    let count = 0;
    for (const [first, last] of fold.numbers) {
      for (let number = first; number <= last; number += 1) if (numbers.has(number)) count += 1;
    }
    return count;
  }

  /** Searches for a text, once typing rests. */
  search(text: string): void {
    this.text = text;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => { this.found.restart({ keep: true }); }, REST_MS);
  }

  /** Sets a filter, or takes it away. */
  toggle<N extends FilterName>(name: N, value: Filter[N][number]): void {
    const list: readonly string[] = this.filter[name];
    const next = list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
    this.filter = { ...this.filter, [name]: next };
    this.found.restart({ keep: true });
  }

  /** Searches and filters for nothing. */
  clear(): void {
    clearTimeout(this.#rest);
    this.text = "";
    this.filter = NOTHING;
    this.shown = false;
    this.found.restart();
  }

  /** Another run, or another environment: what was searched for is searched there. */
  moved(sameRun: boolean): void {
    if (!sameRun) this.clear();
    else if (this.active) this.found.restart({ keep: true });
    // Asked for when somebody wants to filter.
    if (this.facets.answer !== null) this.facets.restart({ keep: sameRun });
  }

  /** Asks again: something in the run changed. */
  refresh(): void {
    if (this.#where().run === null) return;
    if (this.active) this.found.refresh();
    if (this.facets.answer !== null) this.facets.refresh();
  }
}

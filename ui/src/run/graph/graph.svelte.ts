import { prefersReducedMotion } from "svelte/motion";

import { fitted, panned, revealing, zoomed, type Box, type Camera } from "./camera";

const GLIDE_MS = 160;

/** How the graph is looked at. Outlives the graph on screen, so that one finds it as one left it. */
export class GraphStore {
  /** Where it is looked at from, with letters of the ordinary size: what is remembered. */
  place = $state.raw<Camera>({ x: 0, y: 0, scale: 1 });
  #letters = $state(1);
  /** The size of the view in CSS pixels. */
  width = $state(0);
  height = $state(0);
  /** The run the camera stands before. */
  run: string | null = null;
  #glide = 0;

  /** Where it is looked at from. */
  readonly camera: Camera = $derived({ ...this.place, scale: this.place.scale * this.#letters });

  /** How many times their ordinary size letters have; the whole picture grows with them. */
  get letters(): number {
    return this.#letters;
  }

  set letters(times: number) {
    if (times === this.#letters) return;
    const seen = (length: number) => (length / this.camera.scale) * (1 - this.#letters / times) / 2;
    // What is in the middle stays there.
    const { x, y, scale } = this.place;
    this.place = { scale, x: x + seen(this.width), y: y + seen(this.height) };
    this.#letters = times;
  }

  /** Moves by so many pixels of the screen. */
  pan(dx: number, dy: number): void {
    this.#jump(panned(this.camera, dx, dy));
  }

  /** Moves by so much of the run, without a glide: what is seen moved by that much itself. */
  shift(dx: number, dy: number): void {
    this.#jump({ ...this.camera, x: this.camera.x + dx, y: this.camera.y + dy });
  }

  /** Zooms with what is under a point of the screen staying there. */
  zoom(factor: number, atX = this.width / 2, atY = this.height / 2): void {
    this.#jump(zoomed(this.camera, factor, atX, atY));
  }

  /** Looks at the whole picture. */
  fit(picture: Box): void {
    this.#glideTo(fitted(picture, this.width, this.height, this.#letters));
  }

  /** Moves as little as it takes to see the box. */
  reveal(box: Box, margin?: number): void {
    this.#glideTo(revealing(this.camera, box, this.width, this.height, margin));
  }

  /** Puts a point of the run in the middle. */
  centre(x: number, y: number): void {
    const { scale } = this.camera;
    this.#jump({ scale, x: x - this.width / 2 / scale, y: y - this.height / 2 / scale });
  }

  /**
   * The first look at a run: all of it where that can be read, otherwise the top of it with what
   * matters most in view.
   */
  begin(run: string, picture: Box, matter: Box | null): void {
    this.run = run;
    const whole = fitted(picture, this.width, this.height, this.#letters);
    if (whole.scale >= 0.5 * this.#letters) {
      this.#jump(whole);
      return;
    }
    const scale = 0.8 * this.#letters;
    const corner = { scale, x: picture.x - 24 / scale, y: picture.y - 24 / scale };
    this.#jump(matter === null ? corner : revealing(corner, matter, this.width, this.height, 80));
  }

  #jump(camera: Camera): void {
    cancelAnimationFrame(this.#glide);
    this.#put(camera);
  }

  #put({ x, y, scale }: Camera): void {
    this.place = { x, y, scale: scale / this.#letters };
  }

  #glideTo(end: Camera): void {
    cancelAnimationFrame(this.#glide);
    const start = this.camera;
    if (prefersReducedMotion.current || !visiblyFar(start, end)) {
      this.#put(end);
      return;
    }
    const began = performance.now();
    const step = () => {
      const part = Math.min(1, (performance.now() - began) / GLIDE_MS);
      const eased = 1 - (1 - part) ** 3;
      const between = (from: number, to: number) => from + (to - from) * eased;
      this.#put({
        x: between(start.x, end.x),
        y: between(start.y, end.y),
        scale: between(start.scale, end.scale),
      });
      if (part < 1) this.#glide = requestAnimationFrame(step);
    };
    this.#glide = requestAnimationFrame(step);
  }
}

function visiblyFar(one: Camera, other: Camera): boolean {
  const moved = Math.hypot(one.x - other.x, one.y - other.y) * one.scale;
  return moved > 1 || Math.abs(one.scale - other.scale) > 0.001;
}

import { prefersReducedMotion } from "svelte/motion";

import { fitted, FOOT, isHidden, panned, revealing, SCALES, zoomed, type Box, type Camera, type Revealing } from "./camera";

const GLIDE_MS = 160;
/** Smaller than this a picture cannot be read. */
const READABLE = 0.5;
/** From so near one looks at a part of a picture. */
const NEAR = 0.8;

/** How the graph is looked at. Outlives the graph on screen, so that one finds it as one left it. */
export class GraphStore {
  /** Where it is looked at from, with letters of the ordinary size: what is remembered. */
  place = $state.raw<Camera>({ x: 0, y: 0, scale: 1 });
  #letters = $state(1);
  /** The size of the view in CSS pixels. */
  width = $state(0);
  height = $state(0);
  /** How large the whole picture is. */
  picture = $state.raw<Box>({ x: 0, y: 0, width: 0, height: 0 });
  /** Whether there is room for more than the drawing itself. */
  readonly roomy = $derived(this.width >= 420 * this.#letters && this.height >= 260 * this.#letters);
  /** The step that one is being led to: it is to be seen so near that it can be read. */
  lead = $state<string | null>(null);
  /** The run the camera stands before. */
  run: string | null = null;
  #glide = 0;
  #foot = $state(FOOT);

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

  /** How much of the view's lower end the legend takes, in pixels. */
  set foot(height: number) {
    const foot = Math.max(FOOT, height);
    if (foot === this.#foot) return;
    const all = this.showsAll;
    this.#foot = foot;
    if (all) this.showAll();
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
    this.#jump(zoomed(this.camera, factor, atX, atY, this.#least()));
  }

  /** The picture is another: nobody is left so far out that hardly anything of it is seen. */
  follow(picture: Box): void {
    const extent = (of: Box) => Math.max(of.width, of.height);
    const folded = extent(picture) < extent(this.picture) / 4;
    this.picture = picture;
    if (this.width === 0) return;
    const whole = this.#whole().scale;
    const far = this.camera.scale < 0.99 * this.#least() || (folded && this.camera.scale < whole / 4);
    if (far) this.#jump(this.#whole());
  }

  /** Looks at the whole picture. */
  fit(): void {
    this.#glideTo(this.#whole());
  }

  /** Whether the whole picture is looked at, as it is fitted. */
  get showsAll(): boolean {
    return this.width > 0 && !visiblyFar(this.camera, this.#whole());
  }

  /** Looks at the whole picture at once, if it can be read as small as that. */
  showAll(): void {
    const whole = this.#whole();
    if (this.width > 0 && whole.scale >= READABLE * this.#letters) this.#jump(whole);
  }

  /** Moves as little as it takes to see the box beside what covers the view. */
  reveal(box: Box, how: Revealing): void {
    this.#glideTo(revealing(this.camera, box, this.width, this.height, how));
  }

  /** The same, and as near as it takes to read what stands there. */
  approach(box: Box, how: Revealing): void {
    if (this.camera.scale >= READABLE * this.#letters) {
      this.reveal(box, how);
      return;
    }
    const scale = NEAR * this.#letters;
    const middle = {
      scale,
      x: box.x + box.width / 2 - this.width / 2 / scale,
      y: box.y + box.height / 2 - this.height / 2 / scale,
    };
    this.#glideTo(revealing(middle, box, this.width, this.height, how));
  }

  /** Whether the box is mostly out of view, or under what covers the view. */
  hides(box: Box, covers: readonly Box[]): boolean {
    return isHidden(this.camera, box, this.width, this.height, covers);
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
  begin(run: string, matter: Box | null, covers: readonly Box[]): void {
    this.run = run;
    const { picture } = this;
    const whole = this.#whole();
    if (whole.scale >= READABLE * this.#letters) {
      this.#jump(whole);
      return;
    }
    const scale = NEAR * this.#letters;
    const corner = { scale, x: picture.x - 24 / scale, y: picture.y - 24 / scale };
    this.#jump(matter === null ? corner : revealing(corner, matter, this.width, this.height, { margin: 80, covers }));
  }

  /** As far out as one may zoom. */
  #least(): number {
    return Math.min(SCALES.least, this.#whole().scale);
  }

  #whole(): Camera {
    return fitted(this.picture, this.width, this.height, this.#letters, this.#foot);
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

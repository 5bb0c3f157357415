import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "../../theme/tokens.css";
import "../../theme/base.css";

import { mount } from "svelte";

import Window from "../../shell/Window.svelte";
import { FakeBackend } from "./fake";
import { generatedRun } from "./generated";
import { shopAnswers, shopOverview } from "./shop";

// The window without a core, to look at while drawing: `vite`, then /look.html. In no build.
const wanted = new URLSearchParams(location.search);
const answers = shopAnswers();
const steps = Number(wanted.get("steps") ?? "0");
if (steps > 0) answers.run = generatedRun(steps);
if (wanted.has("empty")) answers.overview = { ...shopOverview, environments: [], runs: [], project: null };
const backend = new FakeBackend(answers);
backend.settings.set("theme", wanted.get("theme") ?? "dark");
Object.assign(window, { backend });

const target = document.getElementById("window");
if (target !== null) mount(Window, { target, props: { backend } });

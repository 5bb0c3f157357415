import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./theme/tokens.css";
import "./theme/base.css";

import { mount } from "svelte";

import { httpBackend } from "./backend/http";
import { insideTauri, tauriBackend } from "./backend/tauri";
import Window from "./shell/Window.svelte";

const target = document.getElementById("window");
if (target === null) throw new Error("the page has no place for the window");
mount(Window, { target, props: { backend: insideTauri() ? tauriBackend() : httpBackend() } });

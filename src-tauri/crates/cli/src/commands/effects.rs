//! What bodies did outside of themselves, in a line.

use hindcast_api::view::EffectView;

use crate::screen::{Ink, Screen};

/// `connected to 127.0.0.1:8099 (shop/outside.py:18) × 2, POST http://127.0.0.1:8099/charges`
pub(crate) fn line(screen: &Screen, effect: &EffectView) -> String {
    let ink = if effect.refused { Ink::Notice } else { Ink::Plain };
    let place = effect.place.as_ref().map(|place| format!(" ({}:{})", place.file, place.line));
    let times = if effect.count > 1 { format!(" × {}", effect.count) } else { String::new() };
    let detail = effect.detail.as_ref().map(|detail| format!(", {detail}")).unwrap_or_default();
    let rest = format!("{}{times}{detail}", place.unwrap_or_default());
    format!("{}{}", screen.ink(ink, &effect.what), screen.ink(Ink::Faint, &rest))
}

/// Adds a report to what was reported before; gives whether it is the first of its kind.
pub(crate) fn add(effects: &mut Vec<EffectView>, effect: EffectView) -> bool {
    let same = |other: &&mut EffectView| {
        (&other.execution, &other.what, &other.place, &other.detail)
            == (&effect.execution, &effect.what, &effect.place, &effect.detail)
    };
    if let Some(known) = effects.iter_mut().find(same) {
        known.count += effect.count;
        return false;
    }
    effects.push(effect);
    true
}

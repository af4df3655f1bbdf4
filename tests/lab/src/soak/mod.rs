//! The same questions by the hundred, at random, from a seed that is printed: does anything leak, is anything left?
//! Next: [`stand`] for the world they are asked in, [`event`] for what happens, [`leaks`] and [`leftovers`] for the questions, [`run`] for many at once.

pub mod event;
pub mod leaks;
pub mod leftovers;
pub mod run;
pub mod stand;

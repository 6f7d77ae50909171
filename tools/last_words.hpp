#pragma once

namespace parley {

/// Whether the core of a recording ended in what is played next: then its end is as recorded.
void expect_end(bool expected);

}  // namespace parley

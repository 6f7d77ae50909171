#pragma once

#include "shared/client/client.hpp"

#include <map>
#include <string>

namespace parley::fuzz {

/// What a page makes of the patches, to be compared with what the core says is to be drawn (P4).
class page_model {
public:
    /// Takes the next patch, if there is one, and checks that the page now shows what the core would.
    /// `drawn` false: the page acknowledges it later.
    void look(client& core, instant now, bool drawn);

    /// Asserts what holds of every room at any time: rooms and rows are there once, rows stand in order.
    static void check(client& core);

private:
    struct shown_row {
        double seq = 0;
        std::string text;
        int state = 0;

        friend bool operator==(const shown_row& a, const shown_row& b) {
            return a.seq == b.seq && a.text == b.text && a.state == b.state;
        }
    };

    void apply(byte_view patch);
    void compare(client& core) const;

    std::map<std::string, shown_row> rows_;
    std::string shown_;
    std::uint64_t number_ = 0;
};

}  // namespace parley::fuzz

#pragma once

#include "tests/simulation/laws/chronicle.hpp"
#include "tests/simulation/laws/witness.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// One checker for each law, as far as it can be seen from outside. Each stands in a file of its own, with
/// what it checks said at its head.
namespace parley::simulation {

class law : public witness {
public:
    law(const char* name, surroundings& around, chronicle& seen)
        : name_(name), around_(around), seen_(seen) {}

    [[nodiscard]] const char* name() const { return name_; }

protected:
    void require(bool holds, const std::string& what) const {
        if (!holds) throw violation(name_, what);
    }

    /// The same where the words are costly to make.
    template <class Words>
    void require_or(bool holds, Words words) const {
        if (!holds) throw violation(name_, words());
    }

    const char* name_;
    surroundings& around_;
    chronicle& seen_;
};

using law_ptr = std::unique_ptr<law>;

law_ptr make_identity(surroundings& around, chronicle& seen);
law_ptr make_one_verdict(surroundings& around, chronicle& seen);
law_ptr make_one_order(surroundings& around, chronicle& seen);
law_ptr make_prefix(surroundings& around, chronicle& seen);
law_ptr make_nothing_fails_late(surroundings& around, chronicle& seen);
law_ptr make_epochs(surroundings& around, chronicle& seen);
law_ptr make_idempotence(surroundings& around, chronicle& seen);
law_ptr make_settlement(surroundings& around, chronicle& seen);
law_ptr make_lanes(surroundings& around, chronicle& seen);
law_ptr make_no_hidden_gaps(surroundings& around, chronicle& seen);
law_ptr make_resume(surroundings& around, chronicle& seen);
law_ptr make_tail(surroundings& around, chronicle& seen);
law_ptr make_rights(surroundings& around, chronicle& seen);
law_ptr make_bounds(surroundings& around, chronicle& seen);
law_ptr make_after_commit(surroundings& around, chronicle& seen);
law_ptr make_one_rule_book(surroundings& around, chronicle& seen);
law_ptr make_refused_input(surroundings& around, chronicle& seen);
law_ptr make_one_users_device(surroundings& around, chronicle& seen);
law_ptr make_same_timelines(surroundings& around, chronicle& seen);

/// All of them, in the order of the laws. That same inputs give the same outputs (L16) is checked by running
/// a world twice; that nothing is left over (L19), by its end.
class laws {
public:
    laws(surroundings& around, chronicle& seen);

    void attend(audience& all) const {
        for (const auto& one : all_)
            all.add(*one);
    }

private:
    std::vector<law_ptr> all_;
};

}  // namespace parley::simulation

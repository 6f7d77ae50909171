#include "tests/bench/parley_fleet.hpp"

#include "tests/bench/parley_dialect.hpp"

#include <set>

namespace parley::bench {

std::unique_ptr<fleet> make_parley_fleet(const target& to, accounts& users, const shape& of) {
    auto made = make_engine(to, users, of.rooms * of.members);
    auto& in = *made;
    const auto links = connect_all(in, to, of.rooms * of.members);
    const auto ids = make_room_ids(in, of.rooms);
    std::vector<link*> creators;
    std::vector<std::pair<link*, room_id>> joiners;
    in.rooms.resize(of.rooms);
    for (std::size_t room = 0; room < of.rooms; ++room) {
        std::set<user_id> inside;
        for (std::size_t i = 0; i < of.members; ++i) {
            auto* link = links[room * of.members + i];
            if (inside.insert(in.dialect.owner(*link).user).second) {
                if (i == 0) {
                    creators.push_back(link);
                } else {
                    joiners.emplace_back(link, ids[room]);
                }
            }
            in.rooms[room].members.push_back(link);
            link->op.emplace(ids[room], of.text_bytes);
        }
    }
    create_rooms(in, creators, ids);
    join(in, joiners);
    for (auto& room : in.rooms) {
        for (auto* member : room.members) {
            member->room = &room;
        }
    }
    subscribe(in, links, [&](link& by) { return ids[by.number / of.members]; });
    return made;
}

std::unique_ptr<fleet> make_idle_fleet(const target& to, accounts& users, std::size_t sessions) {
    constexpr std::size_t rooms_each = 5;
    auto made = make_engine(to, users, sessions);
    auto& in = *made;
    const auto people = in.dialect.users.size();
    const auto ids = make_room_ids(in, people);
    const auto links = connect_all(in, to, sessions);
    const std::vector<link*> one_each{links.begin(), links.begin() + static_cast<std::ptrdiff_t>(people)};
    create_rooms(in, one_each, ids);
    for (std::size_t i = 0; i < rooms_each; ++i) {
        const auto room_of = [&](const link& by) { return ids[(by.number + i) % people]; };
        if (i != 0) {
            std::vector<std::pair<link*, room_id>> joiners;
            for (auto* by : one_each) {
                joiners.emplace_back(by, room_of(*by));
            }
            join(in, joiners);
        }
        subscribe(in, links, room_of);
    }
    return made;
}

std::uint64_t accept_cpu_ns(const target& to, accounts* users, std::size_t count) {
    std::vector<std::string> headers{""};
    if (users != nullptr) {
        headers.clear();
        for (const auto& user : users->at_least((count + sessions_per_account - 1) / sessions_per_account)) {
            headers.push_back(headers_of(to, user));
        }
    }
    const auto before = settled_cpu_ns_of(to.process);
    {
        poller sockets{to.port};
        std::size_t upgraded = 0;
        while (upgraded < count) {
            const auto made = sockets.links().size();
            if (made < count && made - upgraded < steps_at_once / 4) {
                sockets.connect(to.raw ? "/accept" : socket_path, headers[made % headers.size()]);
            }
            for (const auto& event : sockets.wait(std::chrono::milliseconds{0})) {
                auto& by = *static_cast<link*>(event.data.ptr);
                const auto input = sockets.receive(by);
                const bool was_upgraded = by.upgraded;
                sockets.cut(by, input, [](link&, byte_view) {});
                upgraded += by.upgraded && !was_upgraded ? 1 : 0;
            }
        }
    }
    return settled_cpu_ns_of(to.process) - before;
}

}  // namespace parley::bench

# Stands in for fluent-plugin-elasticsearch: what it would index goes to $DOORLOG_TEST_INDEX, a line of id and document each.
require "fluent/plugin/output"
require "json"

module Fluent::Plugin
  class StandInElasticsearch < Output
    Fluent::Plugin.register_output("elasticsearch", self)
    helpers :record_accessor
    config_param :hosts, :string
    config_param :index_name, :string
    config_param :id_key, :string
    config_param :include_timestamp, :bool
    config_param :suppress_type_name, :bool
    config_param :reconnect_on_error, :bool
    config_param :reload_on_failure, :bool

    def write(chunk)
      id = record_accessor_create(@id_key)
      File.open(ENV.fetch("DOORLOG_TEST_INDEX"), "a") do |file|
        chunk.msgpack_each { |_time, record| file.puts([id.call(record), record].to_json) }
      end
    end

    def formatted_to_msgpack_binary?
      true
    end
  end
end

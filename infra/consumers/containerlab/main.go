// Prints the links of a containerlab topology as containerlab itself reads it: one JSON list of
// endpoints per link, and the nodes it knows.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/srl-labs/containerlab/links"
	"github.com/srl-labs/containerlab/types"
	"gopkg.in/yaml.v2"
)

type lab struct {
	Name     string          `yaml:"name"`
	Topology *types.Topology `yaml:"topology"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	read := lab{Topology: types.NewTopology()}
	if err := yaml.UnmarshalStrict(content, &read); err != nil {
		return err
	}
	var found [][]string
	for _, definition := range read.Topology.Links {
		veth, ok := definition.Link.(*links.LinkVEthRaw)
		if !ok {
			return fmt.Errorf("link of type %s", definition.Type)
		}
		var ends []string
		for _, end := range veth.Endpoints {
			if _, known := read.Topology.Nodes[end.Node]; !known {
				return fmt.Errorf("no node %s", end.Node)
			}
			ends = append(ends, end.Node+":"+end.Iface)
		}
		found = append(found, ends)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"nodes": len(read.Topology.Nodes), "links": found})
}
